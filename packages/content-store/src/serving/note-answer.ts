import type { ResponseKind } from '@reliw/http'
import type { FastifyRequest } from 'fastify'
import type { Answer } from './answer.ts'

/**
 * `hit`: the result of resolving the path was cached; `miss`: it was made for this request; `stale`: it was cached, and
 * the store could not be asked whether it is current.
 */
export type CacheState = 'hit' | 'miss' | 'stale'

/** Sets the request's entry, kind and cache state. Responses of upstreams and login pages have no cache state. */
export function noteAnswer(request: FastifyRequest, answer: Answer, isKept: boolean): void {
  request.entry = answer.entry
  request.kind = kindOf(answer)
  request.cache =
    answer.kind === 'upstream' || answer.kind === 'page' ? undefined : stateOf(answer, isKept)
}

function stateOf({ isStale }: Answer, isKept: boolean): CacheState {
  if (isStale) return 'stale'
  return isKept ? 'hit' : 'miss'
}

function kindOf(answer: Answer): ResponseKind | undefined {
  if (answer.kind === 'content') return answer.shows
  if (answer.kind === 'page') return 'login'
  return answer.kind === 'refusal' ? undefined : answer.kind
}
