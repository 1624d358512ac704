import { Series } from './series.ts'
import type { Description, Family } from './family.ts'

/** Series of one family: each is many lines. */
const MAX_SERIES = 200

/** How often values lay between which bounds, and their sum: plain numbers. */
export class Buckets {
  readonly #bounds: readonly number[]
  /** One for each bound, and one for what is beyond the last. */
  readonly counts: number[]
  sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  observe(value: number): void {
    const bounds = this.#bounds
    let at = 0
    while (at < bounds.length && value > (bounds[at] as number)) at++
    this.counts[at] = (this.counts[at] as number) + 1
    this.sum += value
  }

  /** As a sample has it. */
  get value(): number[] {
    return [...this.counts, this.sum]
  }
}

/** A histogram for each set of labels, of one family. */
export class Histograms {
  readonly #description: Description
  readonly #series: Series<Buckets>

  constructor(description: Description) {
    const { labels, bounds = [] } = description
    this.#description = description
    this.#series = new Series(labels, () => new Buckets(bounds), MAX_SERIES)
  }

  /** What is no number is left out: it would spoil the sum for good. */
  observe(values: readonly string[], value: number): void {
    if (!Number.isFinite(value)) return
    this.#series.at(values).value.observe(value)
  }

  get family(): Family {
    return { ...this.#description, samples: this.#series.samples(({ value }) => value) }
  }
}
