const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** Characters that a header's value must not contain (RFC 9110 5.5): lone CR and LF above all. */
const NO_VALUE = /[^\t\x20-\x7E\x80-\xFF]/

/**
 * Reads header or trailer lines (RFC 9112 5) strictly. security: folded lines, lone CR or LF, and blanks before a colon
 * are errors, because other implementations read them differently.
 *
 * @param text lines with CRLF between them, one character per byte
 * @param at index of the first line
 * @returns name, value, name, value, …, or a string that says what is invalid
 */
export function parseFields(text: string, at: number): string[] | string {
  const fields: string[] = []
  while (at < text.length) {
    let end = text.indexOf('\r\n', at)
    if (end === -1) end = text.length
    const colon = text.indexOf(':', at)
    if (colon === -1 || colon >= end) return 'a header line without a colon'
    const name = text.slice(at, colon)
    const value = trim(text, colon + 1, end)
    if (!TOKEN.test(name)) return 'not a header name'
    if (NO_VALUE.test(value)) return 'not a header value'
    fields.push(name, value)
    at = end + 2
  }
  return fields
}

function trim(text: string, start: number, end: number): string {
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
