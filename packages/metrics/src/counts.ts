import type { Description, Family } from './family.ts'
import { Series } from './series.ts'

/** Numbers by label values, of one family. */
export class Counts {
  readonly #description: Description
  readonly #series: Series<number>

  constructor(description: Description) {
    this.#description = description
    this.#series = new Series(description.labels, () => 0)
  }

  add(values: readonly string[], by = 1): void {
    this.#series.at(values).value += by
  }

  get family(): Family {
    return { ...this.#description, samples: this.#series.samples((count) => count) }
  }
}
