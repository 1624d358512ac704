import { type Budget, newBudget, type Take, takeFrom, type Taken } from '@reliw/model'

/** Budgets at most; those that were idle longest go first. */
const MAX_BUDGETS = 50_000

/**
 * Budgets in this process alone. Two tables take turns: when the young one is full it becomes the old one, and
 * what was in that is forgotten, as far as it was not used since. So nothing is ever searched for what to forget,
 * and no table lives long enough to hold on to garbage.
 */
export class LocalBudgets {
  readonly #perTable: number
  #young = new Map<string, Budget>()
  #old = new Map<string, Budget>()

  constructor(max = MAX_BUDGETS) {
    this.#perTable = Math.ceil(max / 2)
  }

  /** How many are remembered. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  /** Uses one of each budget. */
  take(takes: readonly Take[]): Taken[] {
    const now = Date.now()
    return takes.map((take) => takeFrom(this.#find(take.key), now, take))
  }

  #find(key: string): Budget {
    const known = this.#young.get(key)
    if (known !== undefined) return known
    const budget = this.#old.get(key) ?? newBudget()
    this.#old.delete(key)
    if (this.#young.size >= this.#perTable) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, budget)
    return budget
  }
}
