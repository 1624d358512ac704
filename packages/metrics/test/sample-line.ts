/** Labels by name, as they were before they were escaped. */
export type Labels = Readonly<Record<string, string>>

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^\\"\n]|\\[\\"n])*)"/
const VALUE = /^ (NaN|[+-]Inf|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?)$/

/** Reads `name{label="value",…} 1`. Throws when it is anything else: a timestamp, an empty `{}`, an odd escape. */
export function readSample(line: string): { name: string; labels: Labels; value: number } {
  const [name] = NAME.exec(line) ?? []
  if (name === undefined) throw new Error(`no sample: ${line}`)
  const labels: Record<string, string> = Object.create(null)
  let rest = line.slice(name.length)
  while (rest.startsWith('{') || rest.startsWith(',')) {
    const [whole, label = '', value = ''] = LABEL.exec(rest.slice(1)) ?? []
    if (whole === undefined || label in labels) throw new Error(`wrong labels: ${line}`)
    labels[label] = unescape(value)
    rest = rest.slice(1 + whole.length)
    if (rest.startsWith('{')) throw new Error(`wrong labels: ${line}`)
  }
  if (Object.keys(labels).length > 0) {
    if (!rest.startsWith('}')) throw new Error(`wrong labels: ${line}`)
    rest = rest.slice(1)
  }
  const [, value] = VALUE.exec(rest) ?? []
  if (value === undefined) throw new Error(`no value: ${line}`)
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) }
}

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' }

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => ESCAPED[character] ?? '')
}
