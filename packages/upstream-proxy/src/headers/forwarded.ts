import { isIPv4, isIPv6 } from 'node:net'
import type { Scheme } from '@reliw/model'
import { normalizeHost } from '@reliw/options'
import { withPort } from './absolute-url.ts'
import type { OriginContext, ReceivedRequest } from './received-request.ts'

/** The values of these headers from a trusted peer; repeated headers are joined by commas. */
export interface Forwarded {
  readonly forwardedFor: string | undefined
  readonly forwardedHost: string | undefined
  readonly forwardedProto: string | undefined
  readonly forwardedPort: string | undefined
  readonly forwardedPrefix: string | undefined
}

/** An address with a port, or in brackets. */
const NODE = /^(?:([\d.]+)|\[([\da-f:.]+)\])(?::(\d{1,5}))?$/i

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

/** What an upstream says about these headers. */
type Policy = Pick<OriginContext['upstream'], 'forwarded' | 'forwarded_header' | 'strip_prefix'>

/** None: what was received is replaced. */
const NONE: Forwarded = {
  forwardedFor: undefined,
  forwardedHost: undefined,
  forwardedProto: undefined,
  forwardedPort: undefined,
  forwardedPrefix: undefined
}

/** Whether a header is one of X-Forwarded-…, whatever follows. */
export function isForwarded(name: string): boolean {
  return /^x-forwarded-/i.test(name)
}

/**
 * Adds the headers in which origins expect a proxy to describe the client and the requested URL. The prefix that the
 * upstream removes from paths is one of them: the origin has to put it before the paths in its responses.
 *
 * @param received the values of a trusted peer
 */
export function appendForwarded(
  headers: string[],
  request: ReceivedRequest,
  received: Forwarded,
  { forwarded: policy = 'append', forwarded_header: hasForwarded, strip_prefix = '' }: Policy
): void {
  if (policy === 'none') return
  const { publicHost, isSecure, clientIp } = request
  const known = policy === 'set' ? NONE : received
  const { forwardedHost, forwardedProto, forwardedPort, forwardedPrefix } = known
  const client = clientIp === '' ? UNKNOWN : clientIp
  const list = policy === 'append' ? appendPeer(known.forwardedFor, request) : known.forwardedFor
  const chain = list || client
  const isHost = forwardedHost !== undefined && normalizeHost(forwardedHost) !== undefined
  const host = isHost ? forwardedHost : publicHost
  const scheme = forwardedScheme(forwardedProto) ?? (isSecure ? 'https' : 'http')
  headers.push(
    'X-Forwarded-For',
    chain,
    'X-Forwarded-Host',
    host,
    'X-Forwarded-Proto',
    scheme,
    'X-Forwarded-Port',
    isPort(forwardedPort) ? forwardedPort : portOf(host, scheme)
  )
  const outer = forwardedPrefix !== undefined && PREFIX.test(forwardedPrefix) ? forwardedPrefix : ''
  if (outer + strip_prefix !== '') headers.push('X-Forwarded-Prefix', outer + strip_prefix)
  headers.push('X-Real-IP', client)
  if (hasForwarded === true) headers.push('Forwarded', writeForwarded(chain, host, scheme))
}

/** The list of addresses with that of the peer. */
function appendPeer(list: string | undefined, { clientIp, peerIp }: ReceivedRequest): string {
  const client = clientIp === '' ? UNKNOWN : clientIp
  const peer = peerIp === '' ? UNKNOWN : peerIp
  // A trusted peer may name the client in X-Real-IP only: the client begins the list then.
  const before = list || (client === peer ? '' : client)
  return before === '' ? peer : `${before}, ${peer}`
}

/**
 * The header Forwarded (RFC 7239 4): one element per address; the first one, of the client, has host and scheme.
 *
 * security: made from the content of the other headers, never from a received Forwarded, which a trusted proxy that
 * does not know it passes on from any client.
 */
function writeForwarded(chain: string, host: string, scheme: Scheme): string {
  const [first = '', ...others] = chain.split(',')
  const quoted = host.includes(':') ? `"${host}"` : host
  const own = `for=${nodeOf(first)};host=${quoted};proto=${scheme}`
  return [own, ...others.map((address) => `for=${nodeOf(address)}`)].join(', ')
}

/** An address as a node of Forwarded (RFC 7239 6); `unknown` for what is none. */
function nodeOf(text: string): string {
  const address = text.trim()
  if (isIPv4(address)) return address
  if (isIPv6(address)) return `"[${address}]"`
  const [, ip = '', v6 = '', port = ''] = NODE.exec(address) ?? []
  if (port !== '' && isIPv4(ip)) return `"${ip}:${port}"`
  if (isIPv6(v6)) return port === '' ? `"[${v6}]"` : `"[${v6}]:${port}"`
  return UNKNOWN
}

function isPort(text: string | undefined): text is string {
  return text !== undefined && /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535
}

/** The port of a valid host, else that of the scheme. */
function portOf(host: string, scheme: Scheme): string {
  const authority = withPort(host, scheme)
  return authority.slice(authority.lastIndexOf(':') + 1)
}
