import { labelsOf, type Sample } from './family.ts'

/** Series of one family; what comes after them is `other`. */
const MAX_SERIES = 1000

/** Values by labels, of one family: bounded whatever the labels are. */
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

  /** Where the value for these labels is, made when it is asked for first. */
  at(values: readonly string[]): { value: V } {
    // Lone surrogates cannot be written: series that differ in nothing else are one.
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
