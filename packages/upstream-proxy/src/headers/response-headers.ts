import { parseAbsoluteUrl } from './absolute-url.ts'
import { readConnection, removeNamed } from './hop-by-hop.ts'
import { knownNames } from './known-names.ts'
import { rewriteLocation, rewriteRefresh } from './location.ts'
import { afterPublicHost, isTarget, publicOrigin } from './received-request.ts'
import type { OriginContext, ReceivedRequest } from './received-request.ts'
import { rewriteReferences } from './references.ts'
import { rewriteSetCookie } from './set-cookie.ts'

type ResponseKind =
  | 'end-to-end'
  | 'dropped'
  | 'connection'
  | 'location'
  | 'refresh'
  | 'link'
  | 'cookie'
  | 'allow origin'

const KINDS = knownNames<ResponseKind>({
  'end-to-end':
    'accept-ranges access-control-allow-credentials access-control-allow-headers ' +
    'access-control-allow-methods access-control-expose-headers access-control-max-age age ' +
    'allow alt-svc cache-control content-disposition content-encoding content-language ' +
    'content-length content-range content-security-policy content-type date etag expires ' +
    'last-modified pragma referrer-policy retry-after server strict-transport-security ' +
    'trailer vary www-authenticate x-content-type-options x-frame-options x-powered-by ' +
    'x-xss-protection',
  dropped:
    ':status keep-alive proxy-authenticate proxy-authentication-info proxy-connection te ' +
    'transfer-encoding upgrade x-request-id',
  connection: 'connection',
  location: 'location content-location',
  refresh: 'refresh',
  link: 'link',
  cookie: 'set-cookie',
  'allow origin': 'access-control-allow-origin'
})

/**
 * The headers of an origin's response for the client, without those of the origin's connection and without
 * X-Request-ID, which the server sets itself. References to the origin are rewritten to the public host in Location,
 * Content-Location, Refresh, targets of Link, Domain and Path of Set-Cookie, and Access-Control-Allow-Origin.
 * Everything else is passed on in its order. Never throws.
 *
 * @param headers name, value, name, value, …
 * @returns a list of the same form
 */
export function rewriteResponseHeaders(
  headers: readonly string[],
  request: Pick<ReceivedRequest, 'publicHost' | 'isSecure' | 'clientOrigin'>,
  context: Pick<OriginContext, 'target' | 'upstream'>
): string[] {
  const kept: string[] = []
  let named: Set<string> | undefined
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? ''
    const value = headers[at + 1] ?? ''
    switch (KINDS.get(name) ?? KINDS.get(name.toLowerCase()) ?? 'end-to-end') {
      case 'end-to-end':
        kept.push(name, value)
        break
      case 'location':
        kept.push(name, rewriteLocation(value, request, context))
        break
      case 'refresh':
        kept.push(name, rewriteRefresh(value, request, context))
        break
      case 'link':
        kept.push(
          name,
          rewriteReferences(value, (link) => rewriteLocation(link, request, context))
        )
        break
      case 'cookie':
        kept.push(name, rewriteSetCookie(value, request, context))
        break
      case 'allow origin':
        kept.push(name, publicAllowOrigin(value, request, context))
        break
      case 'connection':
        named = readConnection(value, named)
        break
      case 'dropped':
    }
  }
  if (named !== undefined) removeNamed(kept, named)
  return kept
}

function publicAllowOrigin(
  allowed: string,
  request: Pick<ReceivedRequest, 'publicHost' | 'isSecure' | 'clientOrigin'>,
  { target }: Pick<OriginContext, 'target'>
): string {
  const url = parseAbsoluteUrl(allowed)
  if (url === undefined || url.rest !== '' || !isTarget(url, target)) return allowed
  // security: the client's Origin is allowed only if it was rewritten to the target's: the origin did not allow a
  // foreign one.
  const { clientOrigin = '', publicHost } = request
  return afterPublicHost(clientOrigin, publicHost) === '' ? clientOrigin : publicOrigin(request)
}
