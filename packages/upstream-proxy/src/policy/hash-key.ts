import type { IncomingHttpHeaders } from 'node:http'
import { cookieValue } from '@reliw/options'

/** Computes the key of a request for the balancer `hash`. */
export type HashKey = (headers: IncomingHttpHeaders, clientIp: string) => string

/**
 * Reads a header or a cookie; falls back to the client's IP address when it is missing or empty.
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
