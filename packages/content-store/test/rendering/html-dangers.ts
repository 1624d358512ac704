/**
 * A small tokenizer of HTML, to judge output by what a browser would make of it and not by the
 * words in it.
 */

/** Everything in `html` that runs or loads code, described; empty for harmless output. */
export function dangersIn(html: string): string[] {
  return tagsIn(html).flatMap((tag) => [
    ...(dangerousTags.has(tag.name) ? [`<${tag.name}>`] : []),
    ...tag.attributes.filter(isDangerous).map(([name, value]) => `<${tag.name} ${name}=${value}>`)
  ])
}

interface Tag {
  name: string
  attributes: [name: string, value: string][]
}

const dangerousTags = new Set(
  'applet base embed form frame iframe link math meta object plaintext script style svg template title xmp'.split(
    ' '
  )
)

/**
 * As browsers do: a tag begins with `<` and a letter, its attributes end at the first `>` outside
 * of quotes.
 */
export function tagsIn(html: string): Tag[] {
  const tags: Tag[] = []
  const start = /<!--[^]*?(?:-->|$)|<([a-z][^\s/>]*)/gi
  for (let match = start.exec(html); match !== null; match = start.exec(html)) {
    if (match[1] === undefined) continue
    const tag: Tag = { name: match[1].toLowerCase(), attributes: [] }
    start.lastIndex = readAttributes(html, start.lastIndex, tag)
    tags.push(tag)
  }
  return tags
}

function readAttributes(html: string, from: number, tag: Tag): number {
  const attribute =
    /[\s/]*(?:(>)|([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?|.)/gy
  attribute.lastIndex = from
  let end = from
  for (let match = attribute.exec(html); match !== null; match = attribute.exec(html)) {
    end = attribute.lastIndex
    if (match[1] !== undefined) return end
    const name = match[2]?.toLowerCase()
    if (name !== undefined) {
      tag.attributes.push([name, decode(match[3] ?? match[4] ?? match[5] ?? '')])
    }
  }
  return end
}

function isDangerous([name, value]: [string, string]): boolean {
  if (name.startsWith('on') || name === 'srcdoc' || name === 'srcset') return true
  if (name === 'style') return !/^text-align: ?\w+;?$/.test(value)
  const url = value.replace(/[\p{C}\p{Z}]/gu, '').toLowerCase()
  if (/^data:image\/(?:avif|gif|jpeg|png|webp)[;,]/.test(url))
    return name !== 'src' && name !== 'href'
  return /^(?:javascript|vbscript|data|file|blob):/.test(url)
}

const named = new Map(
  Object.entries({
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    colon: ':',
    tab: '\t',
    newline: '\n'
  })
)

function decode(value: string): string {
  return value.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));?/gi, (all, hex, decimal, name) => {
    if (name !== undefined) return named.get(name.toLowerCase()) ?? all
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : all
  })
}
