import type { IncomingHttpHeaders } from 'node:http'
import { normalizeHost } from '@reliw/options'

/** The parts of a request that name its host. */
export interface HostHeaders {
  readonly headers: IncomingHttpHeaders
  readonly httpVersionMajor: number
  readonly rawHeaders: readonly string[]
}

/**
 * The host of a request, normalized; undefined when the request names none, several, or an invalid one.
 *
 * HTTP/1 names the host in exactly one Host header (RFC 9112, section 3.2). HTTP/2 names it in `:authority`; a Host
 * header beside it must name the same host (RFC 9113, section 8.3.1).
 */
export function requestHost(request: HostHeaders): string | undefined {
  const { headers, rawHeaders } = request
  if (hasSecondHost(rawHeaders)) return undefined
  const authority = request.httpVersionMajor === 2 ? headers[':authority'] : undefined
  if (typeof authority !== 'string') return normalize(headers.host)
  const host = normalizeHost(authority)
  return headers.host === undefined || normalize(headers.host) === host ? host : undefined
}

/** Node keeps the first of several Host headers and drops the others: only the raw list shows them. */
function hasSecondHost(rawHeaders: readonly string[]): boolean {
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1
  }
  return hosts > 1
}

function normalize(host: string | undefined): string | undefined {
  return host === undefined ? undefined : normalizeHost(host)
}
