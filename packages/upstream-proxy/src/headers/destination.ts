import { parseAbsoluteUrl, withPort } from './absolute-url.ts'
import { mapPath } from './prefixes.ts'
import type { OriginContext, ReceivedRequest } from './received-request.ts'

/** A path of the same host, which WebDAV allows in the place of a URL (RFC 4918 8.3). */
const ABSOLUTE_PATH = /^\/(?![/\\])[\x21-\x7E\x80-\xFF]*$/

/**
 * What a WebDAV client calls a resource of ours, in Destination (RFC 4918 10.3) and If (10.4), as the origin knows it:
 * under the name that Host gives it, and mapped through the upstream's prefixes. Origins refuse, with 502, to move
 * something to what they take for another server. Never throws.
 *
 * @returns the same string when it names another host, or nothing that the origin has
 */
export function rewriteDestination(
  reference: string,
  { publicHost }: Pick<ReceivedRequest, 'publicHost'>,
  { target, upstream }: Pick<OriginContext, 'target' | 'upstream'>
): string {
  if (ABSOLUTE_PATH.test(reference)) return mapPath(reference, upstream) ?? reference
  const url = parseAbsoluteUrl(reference)
  if (url === undefined || url.authority !== withPort(publicHost, url.scheme)) return reference
  const path = mapPath(url.rest.startsWith('/') ? url.rest : `/${url.rest}`, upstream)
  const host = upstream.preserve_host ? publicHost : target.authority
  return path === undefined ? reference : `${target.scheme}://${host}${path}`
}
