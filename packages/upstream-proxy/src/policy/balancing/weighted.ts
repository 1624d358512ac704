import type { Target } from '@reliw/model'
import type { Balancer, Candidate } from './candidate.ts'

/**
 * Smooth weighted round robin. Every candidate earns its weight at every call, and the richest is
 * chosen and pays what all have earned: each gets its share, and a heavy one's turns are spread
 * between the others'.
 */
export class Weighted implements Balancer {
  readonly #accounts = new WeakMap<Target, { balance: number }>()

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

  #accountOf(target: Target): { balance: number } {
    let account = this.#accounts.get(target)
    if (account === undefined) {
      account = { balance: 0 }
      this.#accounts.set(target, account)
    }
    return account
  }
}
