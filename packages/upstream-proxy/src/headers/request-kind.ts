import { withDashes } from '@reliw/http'
import { knownNames } from './known-names.ts'

/** How a proxy treats a request header. */
export type RequestKind =
  | 'end-to-end'
  /** Belongs to the connection or to the message's framing, or is always replaced by our own value. */
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
  /** Names resources on this server (WebDAV). */
  | 'destination'
  | 'if'
  /** The client's identity, as established by a server in front of the origin. */
  | 'identity'
  /**
   * Another header that asserts the client's identity, its address or the requested resource; accepted from a trusted
   * peer only.
   */
  | 'asserted'

/**
 * security: `forwarded` (RFC 7239) is dropped in favour of our X-Forwarded-*: a trusted proxy that does not know it
 * passes it on from any client, and an origin might believe it rather than ours. `proxy` becomes the variable
 * HTTP_PROXY of CGI programs, which many libraries obey.
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
  asserted:
    'auth-user auth-groups do-connecting-ip forwarded-for impersonate-group impersonate-user ' +
    'incap-client-ip proxy-client-ip sm-user wl-proxy-client-ip x-client-certificate x-forward-for ' +
    'x-http-path-override x-replaced-path x-userinfo x-waws-unencoded-url ' +
    'cf-access-authenticated-user-email cf-connecting-ip cf-connecting-ipv6 ' +
    'cf-pseudo-ipv4 cf-visitor client-cert client-cert-chain client-ip fastly-client-ip ' +
    'fly-client-ip front-end-https true-client-ip x-appengine-user-ip x-arr-ssl x-auth-user ' +
    'x-authenticated-groups x-authenticated-user x-authenticated-userid x-azure-clientip ' +
    'x-azure-socketip x-client-cert x-client-dn x-client-ip x-client-verify x-cluster-client-ip ' +
    'x-consumer-custom-id x-consumer-id x-consumer-username x-credential-identifier ' +
    'x-envoy-external-address x-envoy-original-host x-envoy-original-path x-host x-http-destinationurl ' +
    'x-http-host-override x-http-method x-http-method-override x-method-override ' +
    'x-ms-client-principal x-originating-ip x-override-url x-real-host x-rewrite-url x-scheme ' +
    'x-sendfile x-sendfile-type x-url-scheme x-verified-user'
})

/**
 * Families of asserted headers: of authentik, oauth2-proxy, Grafana, nginx, cloud load balancers, and of client
 * certificates.
 */
const ASSERTED =
  /^(?:oidc-claim|remote|ssl-client|tailscale-user|x-(?:accel|amzn-oidc|auth-request|authentik|forwarded|goog-authenticated-user|ms-client-principal|original|pomerium|remote|ssl|vouch|webauth))-/

/**
 * Classifies a header by its name, in any case. security: an origin may take a name such as `X_Forwarded_For` for a
 * header that is not simply passed on, so that is `dropped`.
 */
export function requestKind(name: string): RequestKind {
  return KINDS.get(name) ?? kindOfRare(name.toLowerCase())
}

/**
 * Whether a header asserts the client's identity, its address or the requested resource.
 *
 * @param dashed the name in lower case and with dashes
 */
export function isAsserted(dashed: string): boolean {
  const kind = KINDS.get(dashed)
  return kind === 'asserted' || kind === 'identity' || ASSERTED.test(dashed)
}

function kindOfRare(lower: string): RequestKind {
  const dashed = withDashes(lower)
  const kind = KINDS.get(dashed) ?? (ASSERTED.test(dashed) ? 'asserted' : 'end-to-end')
  return dashed === lower || kind === 'end-to-end' ? kind : 'dropped'
}
