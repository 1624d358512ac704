/**
 * Percent-encoding (RFC 3986 2.1). Byte strings are text with one character per byte, U+0000 to U+00FF.
 */

/** All but unreserved characters and slashes. */
const NOT_COMPONENT = /[^A-Za-z0-9\-._~/]/g
/** All but the characters of a path (RFC 3986 3.3). */
const NOT_PATH = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g
/** All but the characters of a query string (RFC 3986 3.4), and the escapes that it has already. */
const NOT_QUERY = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]/g
/** All but the characters of a URI (RFC 3986 2), escapes included. */
const NOT_URI = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/?#[\]%]+/gu

/** A byte string as a part of a query string or a fragment; slashes remain. */
export function encodeComponent(bytes: string): string {
  return bytes.replace(NOT_COMPONENT, escapeByte)
}

/** A decoded path, or a part of one, as a byte string: its slashes remain. */
export function encodePath(bytes: string): string {
  return bytes.replace(NOT_PATH, escapeByte)
}

/** A query string as a client sent it: escapes remain. */
export function encodeQuery(bytes: string): string {
  return bytes.replace(NOT_QUERY, escapeByte)
}

/** Text that was written as a part of a URI, except for characters that no URI has. */
export function encodeLiteral(text: string): string {
  return text.replace(NOT_URI, (run) =>
    Buffer.from(run).toString('latin1').replace(/./gs, escapeByte)
  )
}

function escapeByte(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
