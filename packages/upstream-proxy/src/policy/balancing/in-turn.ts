import { type Target, weakMemoize } from '@reliw/model'
import type { Balancer, Candidate } from './candidate.ts'

/**
 * Chooses the least loaded origin; among equals, the one whose last turn was longest ago. With a constant load it is
 * round robin, and stays fair while candidates come and go, which a counter would not.
 */
export class InTurn implements Balancer {
  readonly #loadOf: (candidate: Candidate) => number
  readonly #turnOf = weakMemoize((_target: Target) => ({ last: 0 }))
  #turn = 0

  constructor(loadOf: (candidate: Candidate) => number) {
    this.#loadOf = loadOf
  }

  pick<C extends Candidate>(candidates: readonly C[]): C {
    let best = candidates[0] as C
    let least = Infinity
    let oldest = Infinity
    for (const candidate of candidates) {
      const load = this.#loadOf(candidate)
      const turn = this.#turnOf(candidate.target).last
      if (load < least || (load === least && turn < oldest)) {
        best = candidate
        least = load
        oldest = turn
      }
    }
    this.#turnOf(best.target).last = ++this.#turn
    return best
  }
}
