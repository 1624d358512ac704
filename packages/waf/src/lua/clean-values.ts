/** Values that are remembered in all, and the longest of them. */
const MAX_VALUES = 32_768
const MAX_LENGTH = 512

/** Counts what all that share it remember; when it is too much, everything is forgotten at once. */
export class CleanBudget {
  readonly #max: number
  #used = 0
  /** Rises when everything is forgotten. */
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

/** Values in which some rules found nothing: most requests are like others before. */
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
