/** Characters that no URI has (RFC 3986 2). */
const NOT_URI = /[^\x21-\x7E]|["<>\\^`{|}#]/g

/**
 * The same target of a host over TLS.
 *
 * @param host normalized, without port; IPv6 without brackets
 * @param target begins with a slash
 */
export function httpsLocation(host: string, target: string): string {
  const name = host.includes(':') ? `[${host}]` : host
  return `https://${name}${target.replace(NOT_URI, escapeByte)}`
}

/** Node gives a target as one character per byte. */
function escapeByte(one: string): string {
  return `%${Buffer.from(one, 'latin1').toString('hex').toUpperCase()}`
}
