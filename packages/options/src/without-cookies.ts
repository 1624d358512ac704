/**
 * A Cookie header without the cookies of the given names: `cookieValue` finds none of them in the result, whatever
 * quotes, blanks and repetitions the header contains. The other cookies keep their order and bytes.
 *
 * @param names compared case-sensitively (RFC 6265 4.1.1)
 * @returns the same string if it contains none of them; undefined when no cookie remains
 */
export function withoutCookies(header: string, names: readonly string[]): string | undefined {
  if (!names.some((name) => header.includes(name))) return header
  const pairs = header.split(';')
  const remaining = pairs.filter((pair) => !names.includes(nameOf(pair)))
  if (remaining.length === pairs.length) return header
  const text = remaining.join(';')
  if (!/[^; \t]/.test(text)) return undefined
  return remaining[0] === pairs[0] ? text : text.replace(/^ +/, '')
}

function nameOf(pair: string): string {
  const equals = pair.indexOf('=')
  return equals === -1 ? '' : pair.slice(0, equals).trim()
}
