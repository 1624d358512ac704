import { withoutCookies } from '@reliw/options'

/** The headers of a client that the auth server sees. */
export interface ClientHeaderRules {
  /** Names in lower case; undefined: the default. */
  readonly shown: ReadonlySet<string> | undefined
  /** Names hidden in addition to `NEVER`: in lower case, with dashes only. */
  readonly hidden: ReadonlySet<string>
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** The characters that a header value may have (RFC 9110 5.5), as latin1. */
const VALUE = /^[\t\x20-\x7E\x80-\xFF]*$/

/** Hidden whatever the settings say. */
const NEVER = new Set(
  [
    // Headers of the connection, or of the body, which is not sent.
    'connection content-length expect host http2-settings keep-alive proxy-authenticate',
    'proxy-authorization proxy-connection te trailer transfer-encoding upgrade',
    // security: set by this server, or trusted by some servers: a client would forge its address, host or URL.
    'cf-connecting-ip client-ip fastly-client-ip forwarded true-client-ip x-client-ip',
    'front-end-https x-cluster-client-ip x-forwarded x-host x-real-ip x-request-id x-rewrite-url',
    'x-scheme x-url-scheme',
    // The auth server's body is sent to the client as received, so it must not be encoded.
    'accept-encoding',
    // security: a client would change the method of our GET; `proxy` becomes HTTP_PROXY in CGI programs.
    'proxy x-http-method x-http-method-override x-method-override'
  ].flatMap((names) => names.split(' '))
)
/**
 * Families of headers that only a proxy or an auth server sets: where a request came from (X-Forwarded-*,
 * X-Original-*), its user (Remote-*, X-Authentik-*), where a login redirects (X-Auth-Request-*).
 *
 * security: a client would forge them.
 */
const NEVER_PREFIX = /^(?:x-forwarded-|x-original-|remote-|x-remote-|x-authentik-|x-auth-request-)/
/** Headers of the body, and headers that would make the auth server respond with 304 or 206. */
const NOT_BY_DEFAULT = /^(?:content-|if-|range$)/
const ODD = /[^a-z0-9-]/g

/** Prepares {@link clientHeaders}. */
export function clientHeaderRules(
  shown: readonly string[] | undefined,
  hidden: readonly string[]
): ClientHeaderRules {
  return {
    shown: shown === undefined ? undefined : new Set(shown.map((name) => name.toLowerCase())),
    hidden: new Set(hidden.map((name) => withDashes(name.toLowerCase())))
  }
}

/**
 * The client's headers that the auth server sees. Malformed headers are left out, and the cookies of an HTTP/2 client,
 * which come in pieces, are joined (RFC 9113 8.2.3).
 *
 * security: a name that a server may read as a hidden one, such as `X_Forwarded_For`, is hidden as well.
 *
 * @param ownCookies names of cookies that are left out
 * @returns name, value, name, value, …
 */
export function clientHeaders(
  rawHeaders: readonly string[],
  rules: ClientHeaderRules,
  ownCookies: readonly string[] = []
): string[] {
  const named = namedByConnection(rawHeaders)
  const headers: string[] = []
  const cookies: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    const value = rawHeaders[at + 1] ?? ''
    const lower = name.toLowerCase()
    if (named.has(lower) || !isShown(lower, rules)) continue
    if (!TOKEN.test(name) || !VALUE.test(value)) continue
    if (lower === 'cookie') cookies.push(value)
    else headers.push(name, value)
  }
  const shown = withoutCookies(cookies.join('; '), ownCookies)
  if (cookies.length > 0 && shown !== undefined) headers.push('Cookie', shown)
  return headers
}

function isShown(lower: string, { shown, hidden }: ClientHeaderRules): boolean {
  const dashed = withDashes(lower)
  if (NEVER.has(dashed) || NEVER_PREFIX.test(dashed) || hidden.has(dashed)) return false
  return shown === undefined ? !NOT_BY_DEFAULT.test(dashed) : shown.has(lower)
}

/** The headers that `Connection` names: they are for the client's connection to this server only (RFC 9110 7.6.1). */
function namedByConnection(rawHeaders: readonly string[]): ReadonlySet<string> {
  const named = new Set<string>()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== 'connection') continue
    for (const name of rawHeaders[at + 1]?.split(',') ?? []) named.add(name.trim().toLowerCase())
  }
  return named
}

/** CGI, WSGI and PHP replace every character that is neither a letter nor a digit by the same one. */
function withDashes(lower: string): string {
  return lower.replaceAll(ODD, '-')
}
