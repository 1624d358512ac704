import { knownNames, withDashes } from './known-names.ts'

/** What a request's header is to a proxy. */
export type RequestKind =
  | 'end-to-end'
  /** Of the connection, of the message's framing, or replaced by our own whatever it says. */
  | 'dropped'
  | 'connection'
  | 'te'
  | 'cookie'
  | 'via'
  | 'origin'
  | 'referer'
  | 'traceparent'
  | 'tracestate'
  | 'forwarded for'
  | 'forwarded host'
  | 'forwarded proto'
  | 'forwarded port'
  | 'forwarded prefix'
  /** Names resources of ours (WebDAV). */
  | 'destination'
  | 'if'
  /** Who the request is from, as a server in front of the origin has found out. */
  | 'identity'
  /** Another X-Forwarded-*. */
  | 'forwarded'

/**
 * `forwarded` (RFC 7239) is dropped because our X-Forwarded-* stand for it: a trusted proxy that
 * does not know it lets it through from any client, and an origin may believe it rather than ours.
 * `proxy` becomes the variable HTTP_PROXY of CGI programs, which many libraries obey.
 */
const KINDS = knownNames<RequestKind>({
  'end-to-end':
    'accept accept-charset accept-encoding accept-language access-control-request-headers ' +
    'access-control-request-method authorization cache-control content-encoding ' +
    'content-language content-type date dnt from if-match if-modified-since if-none-match ' +
    'if-range if-unmodified-since pragma priority range sec-ch-ua sec-ch-ua-mobile ' +
    'sec-ch-ua-platform sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user sec-gpc ' +
    'sec-websocket-extensions sec-websocket-key sec-websocket-protocol sec-websocket-version ' +
    'trailer upgrade-insecure-requests user-agent x-requested-with',
  dropped:
    ':authority :method :path :protocol :scheme content-length expect forwarded host ' +
    'http2-settings keep-alive proxy proxy-authenticate proxy-authorization proxy-connection ' +
    'transfer-encoding upgrade x-forwarded x-real-ip x-request-id',
  connection: 'connection',
  te: 'te',
  cookie: 'cookie',
  via: 'via',
  origin: 'origin',
  referer: 'referer',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
  'forwarded for': 'x-forwarded-for',
  'forwarded host': 'x-forwarded-host',
  'forwarded proto': 'x-forwarded-proto',
  'forwarded port': 'x-forwarded-port',
  'forwarded prefix': 'x-forwarded-prefix',
  destination: 'destination',
  if: 'if',
  identity: 'remote-user remote-groups remote-name remote-email',
  forwarded: 'x-forwarded-server'
})

/**
 * Classifies a header by its name, in any case. A name that an origin may take for one of those
 * that are not simply passed on, such as `X_Forwarded_For`, is of kind `dropped`.
 */
export function requestKind(name: string): RequestKind {
  return KINDS.get(name) ?? kindOfRare(name.toLowerCase())
}

function kindOfRare(lower: string): RequestKind {
  const dashed = withDashes(lower)
  const kind = KINDS.get(dashed) ?? (isForwarded(dashed) ? 'forwarded' : 'end-to-end')
  return dashed === lower || kind === 'end-to-end' ? kind : 'dropped'
}

function isForwarded(name: string): boolean {
  return name.startsWith('x-forwarded-')
}
