import type { ResponseKind } from '@reliw/http'
import type { FastifyRequest } from 'fastify'
import type { Resolution } from './resolution.ts'

/**
 * `hit`: the result of resolving the path was cached; `miss`: it was made for this request; `stale`: it was cached, and
 * the store was not available to confirm that it is current.
 */
export type CacheState = 'hit' | 'miss' | 'stale'

/** Sets the request's entry, kind and cache state. Responses of upstreams and login pages have no cache state. */
export function noteResolution(
  request: FastifyRequest,
  resolution: Resolution,
  isCached: boolean
): void {
  request.entry = resolution.entry
  request.kind = kindOf(resolution)
  request.cache =
    resolution.kind === 'upstream' || resolution.kind === 'login'
      ? undefined
      : stateOf(resolution, isCached)
}

function stateOf({ isStale }: Resolution, isCached: boolean): CacheState {
  if (isStale) return 'stale'
  return isCached ? 'hit' : 'miss'
}

function kindOf(resolution: Resolution): ResponseKind | undefined {
  if (resolution.kind === 'content') return resolution.responseKind
  if (resolution.kind === 'login') return 'login'
  if (resolution.kind === 'listing') return 'page'
  if (resolution.kind === 'directory') return 'redirect'
  return resolution.kind === 'refusal' ? undefined : resolution.kind
}
