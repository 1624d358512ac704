import { withoutCookies } from '@reliw/options'

/** Which of a client's headers the auth server is shown. */
export interface ClientHeaderRules {
  /** In lower case; undefined for the default. */
  readonly shown: ReadonlySet<string> | undefined
  /** Never shown besides what never is: in lower case, with dashes only. */
  readonly hidden: ReadonlySet<string>
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** What a header may hold (RFC 9110 5.5), as latin1. */
const VALUE = /^[\t\x20-\x7E\x80-\xFF]*$/

/** Never shown, whatever the settings say. */
const NEVER = new Set(
  [
    // Of the connection, or of the body that is not sent.
    'connection content-length expect host http2-settings keep-alive proxy-authenticate',
    'proxy-authorization proxy-connection te trailer transfer-encoding upgrade',
    // Ours, or what some server believes instead of ours.
    'cf-connecting-ip client-ip fastly-client-ip forwarded true-client-ip x-client-ip',
    'front-end-https x-cluster-client-ip x-forwarded x-host x-real-ip x-request-id x-rewrite-url',
    'x-scheme x-url-scheme',
    // Bodies are passed on as they come, so they must not be encoded.
    'accept-encoding',
    // They make another request of our GET; `proxy` becomes HTTP_PROXY of CGI programs.
    'proxy x-http-method x-http-method-override x-method-override'
  ].flatMap((names) => names.split(' '))
)
/**
 * Families that only a proxy or an auth server writes: where a request came from (X-Forwarded-*,
 * X-Original-*), whose it is (Remote-*, X-Authentik-*), where a login leads to (X-Auth-Request-*).
 */
const NEVER_PREFIX = /^(?:x-forwarded-|x-original-|remote-|x-remote-|x-authentik-|x-auth-request-)/
/** Of the body, or they would have the auth server answer 304 or 206. */
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
 * The client's headers that the auth server is shown. A name that a server may take for one that is
 * not shown, such as `X_Forwarded_For`, is not either. Malformed headers are left out, and the
 * cookies of an HTTP/2 client, which come in pieces, are put together (RFC 9113 8.2.3).
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

/** Headers of the client's connection to us (RFC 9110 7.6.1). */
function namedByConnection(rawHeaders: readonly string[]): ReadonlySet<string> {
  const named = new Set<string>()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== 'connection') continue
    for (const name of rawHeaders[at + 1]?.split(',') ?? []) named.add(name.trim().toLowerCase())
  }
  return named
}

/** CGI, WSGI and PHP turn whatever is no letter or digit into one and the same character. */
function withDashes(lower: string): string {
  return lower.replaceAll(ODD, '-')
}
