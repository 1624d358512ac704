import { Series } from './series.ts'
import type { Description, Family } from './family.ts'

/** Largest number of series per family: each series is many lines. */
const MAX_SERIES = 200

/** Number of values per bucket, and their sum: plain numbers. */
export class Buckets {
  readonly #bounds: readonly number[]
  /** One count per bound, and one for values above the last bound. */
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

  /** Value of a sample: the counts, then the sum. */
  get value(): number[] {
    return [...this.counts, this.sum]
  }
}

/** A histogram for each set of label values, of one family. */
export class Histograms {
  readonly #description: Description
  readonly #series: Series<Buckets>

  constructor(description: Description) {
    const { labels, bounds = [] } = description
    this.#description = description
    this.#series = new Series(labels, () => new Buckets(bounds), MAX_SERIES)
  }

  /** Ignores a value that is not finite: it would corrupt the sum permanently. */
  observe(values: readonly string[], value: number): void {
    if (!Number.isFinite(value)) return
    this.#series.at(values).value.observe(value)
  }

  get family(): Family {
    return { ...this.#description, samples: this.#series.samples(({ value }) => value) }
  }
}
