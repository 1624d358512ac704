import type { Identity } from '@reliw/http'
import type { Target, Upstream } from '@reliw/model'
import { withPort, type AbsoluteUrl } from './absolute-url.ts'

/** A request as received, with what the server knows about it. */
export interface ReceivedRequest {
  /** Name, value, name, value, … from Node; may include HTTP/2 pseudo-headers. */
  readonly rawHeaders: readonly string[]
  /** E.g. `1.1`. */
  readonly httpVersion: string
  /** The value of Host or `:authority`: valid, with the port if it has one. */
  readonly publicHost: string
  /** Whether the client used TLS: to us, or to a trusted proxy according to `forwardedScheme`. */
  readonly isSecure: boolean
  /** The client's Origin header. */
  readonly clientOrigin: string | undefined
  /** The client's IP address; '' when unknown. */
  readonly clientIp: string
  /** The IP address of the sender of the headers: `sourceIp` of the facts; '' when unknown. */
  readonly peerIp: string
  /** Whether that sender is a trusted proxy. */
  readonly isTrusted: boolean
  readonly requestId: string
  /** The authenticated identity, if there is one; sent in Remote-User and Remote-Groups. */
  readonly identity: Identity | undefined
  /** Cookies and headers to leave out; undefined for none. */
  readonly withheld: Withheld | undefined
  /** The traceparent for origins; when undefined or invalid, a trusted peer's is used, else a new one. */
  readonly traceparent: string | undefined
}

/** Cookies and headers of the server itself, which origins must not see. */
export interface Withheld {
  /** Names of cookies. */
  readonly cookies: readonly string[]
  /** Names of headers, in lower case and with dashes; they are left out in any spelling. */
  readonly headers: readonly string[]
}

/** Data shared by all requests to an origin. */
export interface OriginContext {
  readonly target: Target
  readonly upstream: Pick<
    Upstream,
    | 'preserve_host'
    | 'strip_prefix'
    | 'add_prefix'
    | 'drop_headers'
    | 'forwarded'
    | 'forwarded_header'
  >
  /** The pseudonym of this proxy in Via: a token, unique to the process. */
  readonly pseudonym: string
  /** From `createTraceparents`. */
  readonly newTraceparent: () => string
}

/** The part of a request that gives the public origin. */
export type PublicPlace = Pick<ReceivedRequest, 'publicHost' | 'isSecure'>

/** The origin that the client sees, as written in Origin headers. */
export function publicOrigin({ isSecure, publicHost }: PublicPlace): string {
  return isSecure ? `https://${publicHost}` : `http://${publicHost}`
}

/**
 * The rest of an absolute URL after the public host: '', or a string that begins with `/`, `?` or `#`. Undefined for a
 * URL of another host. Both http and https match: TLS may end before us.
 */
export function afterPublicHost(url: string, publicHost: string): string | undefined {
  const at = url.startsWith('https://') ? 8 : url.startsWith('http://') ? 7 : -1
  if (at === -1 || !url.startsWith(publicHost, at)) return undefined
  const rest = url.slice(at + publicHost.length)
  return rest === '' || '/?#'.includes(rest.charAt(0)) ? rest : undefined
}

/** Whether a URL is at an origin. Both http and https match: many origins do not know by which they are reached. */
export function isTarget({ authority }: AbsoluteUrl, target: Target): boolean {
  return authority === withPort(target.authority, target.scheme)
}
