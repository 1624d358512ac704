import type { Balancer, Candidate } from './candidate.ts'

/** The less busy of two random ones: nearly as even as the least busy of all, without a herd. */
export class TwoChoices implements Balancer {
  pick<C extends Candidate>(candidates: readonly C[]): C {
    const at = randomBelow(candidates.length)
    // Any but the first one, each as likely as the others.
    const step = 1 + randomBelow(candidates.length - 1)
    const one = candidates[at] as C
    const other = candidates[(at + step) % candidates.length] as C
    return other.active < one.active ? other : one
  }
}

function randomBelow(end: number): number {
  return Math.floor(Math.random() * end)
}
