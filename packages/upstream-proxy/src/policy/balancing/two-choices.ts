import type { Balancer, Candidate } from './candidate.ts'

/**
 * Chooses the less busy of two random origins: nearly as even as the least busy of all, but requests do not all rush to
 * the same origin.
 */
export class TwoChoices implements Balancer {
  pick<C extends Candidate>(candidates: readonly C[]): C {
    const at = randomBelow(candidates.length)
    // Any origin but the first choice, all equally likely.
    const step = 1 + randomBelow(candidates.length - 1)
    const one = candidates[at] as C
    const other = candidates[(at + step) % candidates.length] as C
    return other.active < one.active ? other : one
  }
}

function randomBelow(end: number): number {
  return Math.floor(Math.random() * end)
}
