import { type Target, weakMemoize } from '@reliw/model'
import type { Balancer, Candidate } from './candidate.ts'

/**
 * Smooth weighted round robin. At every call each candidate earns its weight; the one with the highest balance is
 * chosen and pays the sum of all weights. Each gets its share, and the turns of a heavy one are spread among those of
 * the others.
 */
export class Weighted implements Balancer {
  readonly #accountOf = weakMemoize((_target: Target) => ({ balance: 0 }))

  pick<C extends Candidate>(candidates: readonly C[]): C {
    let best = candidates[0] as C
    let richest = this.#accountOf(best.target)
    let earned = 0
    for (const candidate of candidates) {
      const account = this.#accountOf(candidate.target)
      account.balance += candidate.target.weight
      earned += candidate.target.weight
      if (account.balance > richest.balance) {
        best = candidate
        richest = account
      }
    }
    richest.balance -= earned
    return best
  }
}
