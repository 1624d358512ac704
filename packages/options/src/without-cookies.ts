/**
 * A Cookie header without the cookies of some names: `cookieValue` finds none of them in what is left, whatever quotes,
 * blanks and repetitions there are. The others keep their order and their bytes.
 *
 * @param names in the spelling that counts; RFC 6265 4.1.1 compares them as they are
 * @returns the same string where there is none of them; undefined when nothing is left
 */
export function withoutCookies(header: string, names: readonly string[]): string | undefined {
  if (!names.some((name) => header.includes(name))) return header
  const pairs = header.split(';')
  const kept = pairs.filter((pair) => !names.includes(nameOf(pair)))
  if (kept.length === pairs.length) return header
  const text = kept.join(';')
  if (!/[^; \t]/.test(text)) return undefined
  return kept[0] === pairs[0] ? text : text.replace(/^ +/, '')
}

function nameOf(pair: string): string {
  const equals = pair.indexOf('=')
  return equals === -1 ? '' : pair.slice(0, equals).trim()
}
