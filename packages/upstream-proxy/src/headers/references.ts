/**
 * Rewrites URI references in angle brackets: the targets of Link (RFC 8288 3) and the resource tags of If (RFC 4918
 * 10.4.1). Text in parentheses or quotes is kept, because state tokens in parentheses are in angle brackets as well.
 * Everything else is passed on byte for byte. Takes linear time; never throws.
 *
 * @param rewrite returns the replacement of a reference
 */
export function rewriteReferences(value: string, rewrite: (reference: string) => string): string {
  let text = ''
  let taken = 0
  let isInList = false
  for (let at = 0; at < value.length; at++) {
    const sign = value[at]
    if (sign === '(') isInList = true
    else if (sign === ')') isInList = false
    if (sign !== '"' && sign !== '<') continue
    const end = sign === '"' ? endOfQuoted(value, at) : value.indexOf('>', at)
    if (end === -1) break
    if (sign === '<' && !isInList) {
      text += value.slice(taken, at + 1) + rewrite(value.slice(at + 1, end))
      taken = end
    }
    at = end
  }
  return text + value.slice(taken)
}

/** The index of the closing quote of a quoted string (RFC 9110 5.6.4); -1 when there is none. */
function endOfQuoted(value: string, start: number): number {
  for (let at = start + 1; at < value.length; at++) {
    if (value[at] === '\\') at++
    else if (value[at] === '"') return at
  }
  return -1
}
