import type { ResponseKind } from '@reliw/http'
import type { FastifyRequest } from 'fastify'
import type { Answer } from './answer.ts'

/** Whether what a path gives was kept, had to be made, or was kept and the store could not confirm it. */
export type CacheState = 'hit' | 'miss' | 'stale'

/** Takes note of what answers a request. What upstreams and login pages say is not kept here. */
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
