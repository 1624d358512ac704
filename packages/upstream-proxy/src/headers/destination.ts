import { originForm } from '@reliw/http'
import { readTarget } from '@reliw/options'
import { mapPath, staysWithin } from './prefixes.ts'
import type { OriginContext, ReceivedRequest } from './received-request.ts'

/** A path, which WebDAV allows in place of a URL (RFC 4918 8.3). security: `//x` would name another host. */
const ABSOLUTE_PATH = /^\/(?![/\\])[\x21-\x7E\x80-\xFF]*$/

/**
 * Rewrites a WebDAV client's reference to one of our resources, in Destination (RFC 4918 10.3) or If (10.4), to the
 * origin's name for it: under the name in Host, with the path mapped through the upstream's prefixes. Otherwise origins
 * respond with 502, taking the destination for another server's. Never throws.
 *
 * @returns the same string when the reference names another host or a path outside of the prefixes
 */
export function rewriteDestination(
  reference: string,
  { publicHost }: Pick<ReceivedRequest, 'publicHost'>,
  { target, upstream }: Pick<OriginContext, 'target' | 'upstream'>
): string {
  const path = ownPath(reference, publicHost)
  const mapped = path && mapPath(path, upstream)
  if (mapped === undefined) return reference
  if (reference.startsWith('/')) return mapped
  return `${target.scheme}://${upstream.preserve_host ? publicHost : target.authority}${mapped}`
}

/**
 * Whether a Destination names a resource of this host that stays beneath the upstream's prefixes, in every reading of
 * its path. security: the origin writes there, and no other check covers it.
 */
export function mayReach(
  destination: string,
  publicHost: string,
  upstream: Pick<OriginContext['upstream'], 'strip_prefix' | 'add_prefix'>
): boolean {
  const path = ownPath(destination, publicHost)
  if (path === undefined || readTarget(path) === undefined) return false
  const mapped = mapPath(path, upstream)
  return (
    mapped !== undefined &&
    staysWithin(path, upstream.strip_prefix) &&
    staysWithin(mapped, upstream.add_prefix)
  )
}

function ownPath(reference: string, publicHost: string): string | undefined {
  const path = originForm({ url: reference, headers: { host: publicHost } })
  return ABSOLUTE_PATH.test(path) ? path : undefined
}
