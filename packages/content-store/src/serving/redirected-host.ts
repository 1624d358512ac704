import { isIPv6 } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { BadTarget } from '../errors.ts'

/**
 * The URL of a request's target at another host: scheme, port, path and query as in the request.
 *
 * security: without the check, a target such as `@evil.example` would redirect to another host.
 *
 * @throws BadTarget
 */
export function targetAt(host: string, { raw, facts }: FastifyRequest): string {
  const { url = '' } = raw
  if (!url.startsWith('/')) throw new BadTarget()
  const scheme = facts.isSecure ? 'https' : 'http'
  const name = isIPv6(host) ? `[${host}]` : host
  return `${scheme}://${name}${portOf(raw.headers, facts.isSecure)}${url}`
}

/** Redirects keep the method; for GET and HEAD the older status does, and is understood everywhere. */
export function redirectStatus(method: string): 301 | 308 {
  return method === 'GET' || method === 'HEAD' ? 301 : 308
}

/** The port that the client named, with a colon; '' for the default port of the scheme. */
function portOf(headers: FastifyRequest['raw']['headers'], isSecure: boolean): string {
  const authority = String(headers[':authority'] ?? headers.host ?? '')
  const port = /:0*(\d{1,5})$/.exec(authority)?.[1]
  return port === undefined || port === (isSecure ? '443' : '80') ? '' : `:${port}`
}
