import { type Budget, newBudget, type Take, takeFrom, type Taken } from '@reliw/model'

/** Maximum number of budgets; those idle longest are evicted first. */
const MAX_BUDGETS = 50_000

/**
 * Budgets local to this process. They live in two generations: when the young map is full it becomes the old one, and
 * budgets of the previous old map that were not used since are evicted. So eviction needs no search, and no map lives
 * long enough to accumulate garbage.
 */
export class LocalBudgets {
  readonly #perTable: number
  #young = new Map<string, Budget>()
  #old = new Map<string, Budget>()

  constructor(max = MAX_BUDGETS) {
    this.#perTable = Math.ceil(max / 2)
  }

  /** Number of budgets. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  /** Takes one use from each budget. */
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
