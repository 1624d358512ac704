import { normalizeHost } from '@reliw/options'
import type { Scheme } from '@reliw/store'
import type { ReceivedRequest } from './received-request.ts'

/** What a trusted peer said in these headers, several of a kind joined by commas. */
export interface Forwarded {
  readonly forwardedFor: string | undefined
  readonly forwardedHost: string | undefined
  readonly forwardedProto: string | undefined
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

/** Adds who the client is and what it asked for, as origins expect a proxy to tell them. */
export function appendForwarded(
  headers: string[],
  { publicHost, isSecure, clientIp, peerIp }: ReceivedRequest,
  { forwardedFor, forwardedHost, forwardedProto }: Forwarded
): void {
  const client = clientIp === '' ? UNKNOWN : clientIp
  const peer = peerIp === '' ? UNKNOWN : peerIp
  // A trusted peer that only has X-Real-IP tells us of a client, too: it begins the list then.
  const before = forwardedFor || (client === peer ? '' : client)
  const isHost = forwardedHost !== undefined && normalizeHost(forwardedHost) !== undefined
  headers.push(
    'X-Forwarded-For',
    before === '' ? peer : `${before}, ${peer}`,
    'X-Forwarded-Host',
    isHost ? forwardedHost : publicHost,
    'X-Forwarded-Proto',
    forwardedScheme(forwardedProto) ?? (isSecure ? 'https' : 'http'),
    'X-Real-IP',
    client
  )
}
