import { InvalidValue, LocationTooLong, MissingCapture } from '@reliw/model'
import type { FastifyReply } from 'fastify'
import { RedirectTooLong } from '../errors.ts'
import { isGuarded } from './is-guarded.ts'
import { bounded } from './bounded.ts'
import type { RedirectResolution } from './resolution.ts'
import { queryOf, type SitePaths } from './site-paths.ts'
import type { Write } from './write.ts'

/**
 * Sends the redirect of an entry.
 *
 * @throws RedirectTooLong; InvalidValue where the route has too few captures
 */
export function sendRedirect(
  resolution: RedirectResolution,
  reply: FastifyReply,
  paths: SitePaths,
  write: Write
): void {
  const { entry, to: redirect } = resolution
  const location = locate(resolution, reply, paths)
  const headers = [
    'location',
    redirect.to.scheme === undefined ? paths.add(location) : location,
    'content-length',
    '0'
  ]
  const cache = entry.cache_control ?? (isGuarded(entry) ? 'private, no-cache' : undefined)
  if (cache !== undefined) headers.push('cache-control', cache)
  write(reply, redirect.status, headers, undefined)
}

function locate(
  { entry, to: { to }, pattern }: RedirectResolution,
  { request }: FastifyReply,
  paths: SitePaths
): string {
  const { host = '', subdomain } = request.facts
  const path = paths.pathOf(request) ?? '/'
  const { key = '' } = entry
  try {
    return bounded(key, () =>
      to.locate({ host, subdomain, path, query: queryOf(request) }, pattern)
    )
  } catch (error) {
    if (error instanceof LocationTooLong) throw new RedirectTooLong()
    if (error instanceof MissingCapture) throw new InvalidValue(key, error.message)
    throw error
  }
}
