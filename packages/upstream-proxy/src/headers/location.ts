import { parseAbsoluteUrl } from './absolute-url.ts'
import { unmapPath } from './prefixes.ts'
import { afterPublicHost, isTarget, publicOrigin } from './received-request.ts'
import type { OriginContext, PublicPlace } from './received-request.ts'

/** A path on the same host. security: browsers take `//x`, and `/\x` like it, for another host. */
const ABSOLUTE_PATH = /^\/(?![/\\])[\x20-\x7E\x80-\xFF]*$/

/**
 * Rewrites a Location, or another reference in a response, for the client: a URL at the origin, even without its scheme
 * (RFC 3986 4.2), becomes one at the public host, and paths are mapped back through the upstream's prefixes. With
 * `preserve_host` the origin may name the public host itself; then only the path is mapped. Never throws.
 *
 * @returns the same string when the reference is relative, malformed, at another host or outside of the prefixes
 */
export function rewriteLocation(
  location: string,
  place: PublicPlace,
  { target, upstream }: Pick<OriginContext, 'target' | 'upstream'>
): string {
  if (ABSOLUTE_PATH.test(location)) {
    const path = unmapPath(location, upstream) ?? location
    // security: `/prefix//x` must not become another host's URL when its prefix is removed.
    return ABSOLUTE_PATH.test(path) ? path : publicOrigin(place) + path
  }
  const isRelative = location.startsWith('//')
  const url = parseAbsoluteUrl(isRelative ? `${target.scheme}:${location}` : location)
  if (url === undefined) return location
  let origin: string
  if (isTarget(url, target)) origin = isRelative ? `//${place.publicHost}` : publicOrigin(place)
  else if (upstream.preserve_host && afterPublicHost(location, place.publicHost) === url.rest) {
    origin = location.slice(0, location.length - url.rest.length)
  } else return location
  const path = unmapPath(url.rest.startsWith('/') ? url.rest : `/${url.rest}`, upstream)
  return path === undefined ? location : origin + path
}

/** Seconds and a URL, optionally in quotes, as browsers read them (HTML, 4.2.5.3). */
const REFRESH = /^(\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?)(["']?)([^"']*)(\2.*)$/i

/** Rewrites the URL of a Refresh header like {@link rewriteLocation}. Never throws. */
export function rewriteRefresh(
  refresh: string,
  place: PublicPlace,
  context: Pick<OriginContext, 'target' | 'upstream'>
): string {
  const [, before, quote = '', url = '', after = ''] = REFRESH.exec(refresh) ?? []
  if (before === undefined) return refresh
  return before + quote + rewriteLocation(url, place, context) + after
}
