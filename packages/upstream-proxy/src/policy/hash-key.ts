import type { IncomingHttpHeaders } from 'node:http'
import { cookieValue } from '@reliw/options'

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
    return ({ cookie }, clientIp) => cookieValue(cookie ?? '', name) || clientIp
  }
  if (!spec.startsWith('header:')) return (_, clientIp) => clientIp
  const field = name.toLowerCase()
  return (headers, clientIp) => {
    const value = headers[field]
    return typeof value === 'string' && value !== '' ? value : clientIp
  }
}
