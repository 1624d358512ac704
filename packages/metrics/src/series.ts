import { labelsOf, type Sample } from './family.ts'

/** Largest number of series per family; further ones are counted as `other`. */
const MAX_SERIES = 1000

/** Values by label values, of one family: bounded, whatever the labels are. */
export class Series<V> {
  readonly #labels: readonly string[]
  readonly #make: () => V
  readonly #max: number
  readonly #series = new Map<string, { readonly labels: string; value: V }>()

  constructor(labels: readonly string[], make: () => V, max = MAX_SERIES) {
    this.#labels = labels
    this.#make = make
    this.#max = max
  }

  /** Holder of the value for these labels, created on first use. */
  at(values: readonly string[]): { value: V } {
    // Lone surrogates cannot be encoded: series that differ only in them are one.
    const key = values.join('\n').toWellFormed()
    return this.#series.get(key) ?? this.#add(key, values)
  }

  samples(of: (value: V) => Sample[1]): Sample[] {
    return [...this.#series.values()].map(({ labels, value }) => [labels, of(value)])
  }

  #add(key: string, values: readonly string[]): { value: V } {
    const others = values.map(() => 'other')
    const isFull = this.#series.size >= this.#max && key !== others.join('\n')
    if (isFull) return this.at(others)
    const made = { labels: labelsOf(this.#labels, values), value: this.#make() }
    this.#series.set(key, made)
    return made
  }
}
