import type { Scheme } from '@reliw/model'
import { normalizeHost } from '@reliw/options'
import { withPort } from './absolute-url.ts'
import type { ReceivedRequest } from './received-request.ts'

/** The values of these headers from a trusted peer; repeated headers are joined by commas. */
export interface Forwarded {
  readonly forwardedFor: string | undefined
  readonly forwardedHost: string | undefined
  readonly forwardedProto: string | undefined
  readonly forwardedPort: string | undefined
  readonly forwardedPrefix: string | undefined
}

/** Stands for an unknown address (RFC 7239 6.2). */
const UNKNOWN = 'unknown'

/**
 * The scheme in X-Forwarded-Proto; undefined when it names none, several, or one other than http and https.
 *
 * @param value the header from a trusted peer
 */
export function forwardedScheme(value: string | undefined): Scheme | undefined {
  if (value === 'https' || value === 'http') return value
  const lower = value?.toLowerCase()
  return lower === 'https' || lower === 'http' ? lower : undefined
}

/**
 * A path that an origin may put before its own: begins with a slash and contains only characters valid in a path.
 * security: `//x`, and `/\x` like it, would turn links into links to another host.
 */
const PREFIX = /^(?:\/[\w.~!$&'()*+,;=:@%-]+)+$/

/**
 * Adds the headers in which origins expect a proxy to describe the client and the requested URL.
 *
 * @param stripped the prefix that the upstream removes from paths, which the origin has to put before the paths in its
 * responses
 */
export function appendForwarded(
  headers: string[],
  { publicHost, isSecure, clientIp, peerIp }: ReceivedRequest,
  forwarded: Forwarded,
  stripped = ''
): void {
  const { forwardedFor, forwardedHost, forwardedProto, forwardedPort, forwardedPrefix } = forwarded
  const client = clientIp === '' ? UNKNOWN : clientIp
  const peer = peerIp === '' ? UNKNOWN : peerIp
  // A trusted peer may name the client in X-Real-IP only: the client begins the list then.
  const before = forwardedFor || (client === peer ? '' : client)
  const isHost = forwardedHost !== undefined && normalizeHost(forwardedHost) !== undefined
  const host = isHost ? forwardedHost : publicHost
  const scheme = forwardedScheme(forwardedProto) ?? (isSecure ? 'https' : 'http')
  headers.push(
    'X-Forwarded-For',
    before === '' ? peer : `${before}, ${peer}`,
    'X-Forwarded-Host',
    host,
    'X-Forwarded-Proto',
    scheme,
    'X-Forwarded-Port',
    isPort(forwardedPort) ? forwardedPort : portOf(host, scheme)
  )
  const outer = forwardedPrefix !== undefined && PREFIX.test(forwardedPrefix) ? forwardedPrefix : ''
  if (outer + stripped !== '') headers.push('X-Forwarded-Prefix', outer + stripped)
  headers.push('X-Real-IP', client)
}

function isPort(text: string | undefined): text is string {
  return text !== undefined && /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535
}

/** The port of a valid host, else that of the scheme. */
function portOf(host: string, scheme: Scheme): string {
  const authority = withPort(host, scheme)
  return authority.slice(authority.lastIndexOf(':') + 1)
}
