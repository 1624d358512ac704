import { pathReadings, readTarget } from '@reliw/options'

/** The path prefixes that an upstream removes and adds. '' means no prefix. */
export interface Prefixes {
  /** Begins with a slash, does not end in one. */
  readonly strip_prefix?: string | undefined
  /** Begins with a slash, does not end in one. */
  readonly add_prefix?: string | undefined
}

/**
 * The path requested from an origin. Prefixes match whole segments: `/api` is removed from `/api`, `/api/x` and
 * `/api?x`, not from `/apix`.
 *
 * @param url path and query as the client sent them
 * @returns path and query; undefined when `url` does not literally begin with `strip_prefix`
 */
export function mapPath(
  url: string,
  { strip_prefix = '', add_prefix = '' }: Prefixes
): string | undefined {
  return exchangePrefix(url, strip_prefix, add_prefix)
}

/**
 * The reverse of {@link mapPath}: the path that a client requests from us for this path of the origin.
 *
 * @param path may have a query and a fragment
 * @returns undefined when `path` does not begin with `add_prefix`: clients cannot reach it then
 */
export function unmapPath(
  path: string,
  { strip_prefix = '', add_prefix = '' }: Prefixes
): string | undefined {
  return exchangePrefix(path, add_prefix, strip_prefix)
}

/**
 * Whether a target that begins with a prefix stays beneath it in every reading of its path. security: `/api/..%2fadmin`
 * does not.
 *
 * @param prefix begins with a slash and does not end in one
 */
export function staysWithin(target: string, prefix: string | undefined): boolean {
  if (prefix === undefined || !target.includes('%')) return true
  const roots = pathReadings(prefix) ?? []
  const isWithin = (path: string): boolean =>
    roots.some((root) => path === root || path.startsWith(`${root}/`))
  return readTarget(target)?.every(isWithin) === true
}

function exchangePrefix(path: string, from: string, to: string): string | undefined {
  if (from === '') return to === '' ? path : to + path
  if (!path.startsWith(from)) return undefined
  const rest = path.slice(from.length)
  if (rest.startsWith('/')) return to + rest
  return rest === '' || rest.startsWith('?') || rest.startsWith('#') ? `${to}/${rest}` : undefined
}
