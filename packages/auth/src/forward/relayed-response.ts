import type { AuthResponse } from './exchange.ts'
import { ForwardFailure } from './failure.ts'
import { headerValues } from './header-values.ts'

/** The auth server's response as the client gets it. */
export interface RelayedResponse {
  readonly status: number
  /**
   * Name, value, name, value, …; names in lower case. Only `set-cookie` may occur more than once; `content-length` is
   * omitted.
   */
  readonly headers: readonly string[]
  readonly body: Buffer
}

/**
 * Reduces a response to what a client may see, with an absolute Location. Without Cache-Control it becomes `no-store`:
 * it is for this request and its client only, and browsers cache a 301 or a 404.
 *
 * The body is left out if it is encoded, although `identity` was requested.
 *
 * Throws a ForwardFailure if the response redirects to several URLs, or to one that is neither http nor https.
 *
 * @param url of the request; relative Locations are resolved against it
 */
export function relayResponse(
  { status, rawHeaders, body }: AuthResponse,
  url: URL
): RelayedResponse {
  const values = (name: string): string[] => headerValues(rawHeaders, name)
  const isLeftOut = body.length === 0 || isEncoded(values('content-encoding'))
  const headers: string[] = []
  const add = (name: string, value = ''): void => {
    if (value !== '') headers.push(name, value)
  }
  add('location', absolute(values('location'), url))
  // Lists, which may come in several headers (RFC 9110 5.3).
  add('www-authenticate', values('www-authenticate').join(', '))
  add('cache-control', values('cache-control').join(', ') || 'no-store')
  add('retry-after', values('retry-after')[0])
  for (const cookie of values('set-cookie')) add('set-cookie', cookie)
  if (!isLeftOut) add('content-type', values('content-type')[0] || 'text/plain')
  return { status, headers, body: isLeftOut ? Buffer.alloc(0) : body }
}

function absolute([location, ...more]: readonly string[], url: URL): string | undefined {
  if (location === undefined) return undefined
  // Bytes past ASCII are UTF-8 in practice.
  const text = Buffer.from(location, 'latin1').toString()
  const target = more.length === 0 ? URL.parse(text, url.href) : null
  if (target === null || (target.protocol !== 'http:' && target.protocol !== 'https:')) {
    throw new ForwardFailure('the auth server redirected to an invalid URL')
  }
  return target.href
}

function isEncoded(codings: readonly string[]): boolean {
  return codings.some((coding) => coding !== '' && coding.toLowerCase() !== 'identity')
}
