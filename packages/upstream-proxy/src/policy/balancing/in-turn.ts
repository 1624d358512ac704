import type { Target } from '@reliw/model'
import type { Balancer, Candidate } from './candidate.ts'

/**
 * The least loaded one; of several, the one whose last turn is the longest ago. With a load that is
 * always the same it is round robin, and fair while candidates come and go: a counter would not be.
 */
export class InTurn implements Balancer {
  readonly #loadOf: (candidate: Candidate) => number
  readonly #turns = new WeakMap<Target, number>()
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
      const turn = this.#turns.get(candidate.target) ?? 0
      if (load < least || (load === least && turn < oldest)) {
        best = candidate
        least = load
        oldest = turn
      }
    }
    this.#turns.set(best.target, ++this.#turn)
    return best
  }
}
