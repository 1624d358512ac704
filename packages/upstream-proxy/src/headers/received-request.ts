import type { Identity } from '@reliw/http'
import type { Target, Upstream } from '@reliw/model'
import { withPort, type AbsoluteUrl } from './absolute-url.ts'

/** A request as it came, and what the server knows of it. */
export interface ReceivedRequest {
  /** Name, value, name, value, … as node gives them; HTTP/2 pseudo-headers may be among them. */
  readonly rawHeaders: readonly string[]
  /** E.g. `1.1`. */
  readonly httpVersion: string
  /** The Host header or `:authority`: a valid one, with its port if it has one. */
  readonly publicHost: string
  /** Whether the client came by TLS: to us, or by `forwardedScheme` to a trusted proxy. */
  readonly isSecure: boolean
  /** The client's Origin header. */
  readonly clientOrigin: string | undefined
  /** The client's IP address; '' when it is not known. */
  readonly clientIp: string
  /** The IP address at the other end of the connection; '' when it is not known. */
  readonly peerIp: string
  /** Whether the peer is a trusted proxy. */
  readonly isTrusted: boolean
  readonly requestId: string
  /** Who the request is from, where that was asked for: told in Remote-User and Remote-Groups. */
  readonly identity: Identity | undefined
  /** What is left out; undefined: nothing. */
  readonly withheld: Withheld | undefined
  /** What origins are to get; undefined, or not valid: what a trusted peer says, else a new one. */
  readonly traceparent: string | undefined
}

/** What of a request is the server's own, and no origin's business. */
export interface Withheld {
  /** Names of cookies. */
  readonly cookies: readonly string[]
  /** Names of headers, in lower case and with dashes; they are left out in any spelling. */
  readonly headers: readonly string[]
}

/** What is the same for all requests to an origin. */
export interface OriginContext {
  readonly target: Target
  readonly upstream: Pick<
    Upstream,
    'preserve_host' | 'strip_prefix' | 'add_prefix' | 'drop_headers'
  >
  /** What this proxy calls itself in Via: a token, of its own for each process. */
  readonly pseudonym: string
  /** From `createTraceparents`. */
  readonly newTraceparent: () => string
}

/** The part of a request that says where the client believes to be. */
export type PublicPlace = Pick<ReceivedRequest, 'publicHost' | 'isSecure'>

/** Where the client believes to be, as Origin headers name it. */
export function publicOrigin({ isSecure, publicHost }: PublicPlace): string {
  return isSecure ? `https://${publicHost}` : `http://${publicHost}`
}

/**
 * What follows the public host in an absolute URL: '' or what begins with `/`, `?` or `#`.
 * Undefined for a URL of another host. Both http and https count: TLS may end before us.
 */
export function afterPublicHost(url: string, publicHost: string): string | undefined {
  const at = url.startsWith('https://') ? 8 : url.startsWith('http://') ? 7 : -1
  if (at === -1 || !url.startsWith(publicHost, at)) return undefined
  const rest = url.slice(at + publicHost.length)
  return rest === '' || '/?#'.includes(rest.charAt(0)) ? rest : undefined
}

/** Whether a URL is at an origin. By http or https: many do not know which they are asked by. */
export function isTarget({ authority }: AbsoluteUrl, target: Target): boolean {
  return authority === withPort(target.authority, target.scheme)
}
