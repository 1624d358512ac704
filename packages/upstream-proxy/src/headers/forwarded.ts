import type { Scheme } from '@reliw/model'
import { normalizeHost } from '@reliw/options'
import { withPort } from './absolute-url.ts'
import type { ReceivedRequest } from './received-request.ts'

/** What a trusted peer said in these headers, several of a kind joined by commas. */
export interface Forwarded {
  readonly forwardedFor: string | undefined
  readonly forwardedHost: string | undefined
  readonly forwardedProto: string | undefined
  readonly forwardedPort: string | undefined
  readonly forwardedPrefix: string | undefined
}

/** What stands for an address that is not known (RFC 7239 6.2). */
const UNKNOWN = 'unknown'

/**
 * The scheme that X-Forwarded-Proto names; undefined when it names none, several, or another than
 * http and https.
 *
 * @param value a trusted peer's
 */
export function forwardedScheme(value: string | undefined): Scheme | undefined {
  if (value === 'https' || value === 'http') return value
  const lower = value?.toLowerCase()
  return lower === 'https' || lower === 'http' ? lower : undefined
}

/**
 * A path that an origin may put before its own: beginning with a slash, of what may stand in a path.
 * security: `//x`, and `/\x` like it, would make links to another host of it.
 */
const PREFIX = /^(?:\/[\w.~!$&'()*+,;=:@%-]+)+$/

/**
 * Adds who the client is and what it asked for, as origins expect a proxy to tell them.
 *
 * @param stripped what the upstream takes off paths: what the origin has to put before those that it shows
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
  // A trusted peer that only has X-Real-IP tells us of a client, too: it begins the list then.
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

/** The port in a valid host, else that of the scheme. */
function portOf(host: string, scheme: Scheme): string {
  const authority = withPort(host, scheme)
  return authority.slice(authority.lastIndexOf(':') + 1)
}
