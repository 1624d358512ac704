import { parseAbsoluteUrl } from './absolute-url.ts'
import { unmapPath } from './prefixes.ts'
import { afterPublicHost, isTarget, publicOrigin } from './received-request.ts'
import type { OriginContext, PublicPlace } from './received-request.ts'

/** A path of the same host. Browsers take `//x`, and `/\x` like it, for another host. */
const ABSOLUTE_PATH = /^\/(?![/\\])[\x20-\x7E\x80-\xFF]*$/

/**
 * A Location, or another reference of an answer, as the client can use it: a URL at the origin, without its
 * scheme as well (RFC 3986 4.2), becomes one at the public host, and paths are mapped back through the
 * upstream's prefixes. With `preserve_host` the origin may name the public host itself; then only the path is
 * mapped. Never throws.
 *
 * @returns the same string when it is relative, malformed, at another host or out of reach
 */
export function rewriteLocation(
  location: string,
  place: PublicPlace,
  { target, upstream }: Pick<OriginContext, 'target' | 'upstream'>
): string {
  if (ABSOLUTE_PATH.test(location)) {
    const path = unmapPath(location, upstream) ?? location
    // What was `/prefix//x` must not become another host without its prefix.
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

/** Seconds, and a URL that may be in quotes, as browsers read it (HTML, 4.2.5.3). */
const REFRESH = /^(\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?)(["']?)([^"']*)(\2.*)$/i

/** A Refresh header whose URL is rewritten as `rewriteLocation` does. Never throws. */
export function rewriteRefresh(
  refresh: string,
  place: PublicPlace,
  context: Pick<OriginContext, 'target' | 'upstream'>
): string {
  const [, before, quote = '', url = '', after = ''] = REFRESH.exec(refresh) ?? []
  if (before === undefined) return refresh
  return before + quote + rewriteLocation(url, place, context) + after
}
