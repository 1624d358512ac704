import type { IncomingHttpHeaders } from 'node:http'

/** What `hash` chooses an origin by, of one request. */
export type HashKey = (headers: IncomingHttpHeaders, clientIp: string) => string

/**
 * Reads a header or a cookie, and the client's IP address where that is missing or empty.
 *
 * @param spec `client_ip`, `header:NAME` or `cookie:NAME`
 */
export function createHashKey(spec: string): HashKey {
  const name = spec.slice(spec.indexOf(':') + 1)
  if (spec.startsWith('cookie:')) {
    return ({ cookie }, clientIp) => readCookie(cookie ?? '', name) || clientIp
  }
  if (!spec.startsWith('header:')) return (_, clientIp) => clientIp
  const field = name.toLowerCase()
  return (headers, clientIp) => {
    const value = headers[field]
    return typeof value === 'string' && value !== '' ? value : clientIp
  }
}

/** The first cookie of this name, which is the one that fits best (RFC 6265 5.4), or ''. */
function readCookie(header: string, name: string): string {
  for (let at = 0; at < header.length;) {
    const semicolon = header.indexOf(';', at)
    const end = semicolon === -1 ? header.length : semicolon
    while (header[at] === ' ') at++
    const value = at + name.length + 1
    if (value <= end && header[value - 1] === '=' && header.startsWith(name, at)) {
      return header.slice(value, end).trim()
    }
    at = end + 1
  }
  return ''
}
