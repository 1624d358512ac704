import { originForm } from '@reliw/http'
import { readTarget } from '@reliw/options'
import { mapPath, staysWithin } from './prefixes.ts'
import type { OriginContext, ReceivedRequest } from './received-request.ts'

/** A path, which WebDAV allows in the place of a URL (RFC 4918 8.3); `//x` would be another host's. */
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
  const path = ownPath(reference, publicHost)
  const mapped = path && mapPath(path, upstream)
  if (mapped === undefined) return reference
  if (reference.startsWith('/')) return mapped
  return `${target.scheme}://${upstream.preserve_host ? publicHost : target.authority}${mapped}`
}

/**
 * Whether a Destination names something of this host that stays beneath the upstream's prefixes, however it is read.
 * security: the origin writes there, and nothing else here looks at it.
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
