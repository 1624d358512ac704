/** Maximum number of cached values, over all sets, and maximum length of each, in bytes. */
const MAX_VALUES = 32_768
const MAX_LENGTH = 512

/**
 * Limits how many values are cached in all `CleanValues` that share it; past the limit, all are evicted at once.
 */
export class CleanBudget {
  readonly #max: number
  #used = 0
  /** Increases each time all values are evicted. */
  generation = 0

  constructor(max = MAX_VALUES) {
    this.#max = max
  }

  use(): void {
    this.#used++
    if (this.#used <= this.#max) return
    this.#used = 1
    this.generation++
  }
}

/** Values that match none of a list of rules: most requests resemble earlier ones. */
export class CleanValues {
  readonly #budget: CleanBudget
  #generation = 0
  #values = new Set<string>()

  constructor(budget: CleanBudget) {
    this.#budget = budget
  }

  has(value: string): boolean {
    return this.#generation === this.#budget.generation && this.#values.has(value)
  }

  add(value: string): void {
    if (value.length > MAX_LENGTH || this.has(value)) return
    this.#budget.use()
    if (this.#generation !== this.#budget.generation) {
      this.#generation = this.#budget.generation
      this.#values = new Set()
    }
    this.#values.add(value)
  }
}
