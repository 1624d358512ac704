/** Lists of alternatives with weights: RFC 9110 12.4.2. */

/**
 * The members of an Accept or Accept-Encoding value, lower-cased and without parameters, with their weights (0–1). The
 * first of two members with the same name counts; a malformed weight counts as 0. Quoted parameters are not supported:
 * a comma inside one ends the member.
 */
export function parseQualityList(header: string): Map<string, number> {
  const weights = new Map<string, number>()
  for (const member of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = member.split(';')
    const key = name.trim()
    if (key !== '' && !weights.has(key)) weights.set(key, weightIn(parameters))
  }
  return weights
}

const weight = /^q[ \t]*=[ \t]*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

function weightIn(parameters: string[]): number {
  for (const parameter of parameters) {
    const text = parameter.trim()
    if (/^q[ \t]*=/.test(text)) return Number(weight.exec(text)?.[1] ?? 0)
  }
  return 1
}
