/** How many are kept before the oldest is let go. */
const MAX_KEPT = 500

/** What is made once for each settings object: the live store has a new one for each change. */
export class Kept<K extends object, V> {
  readonly #make: (settings: K) => V
  readonly #drop: (value: V) => void
  readonly #values = new Map<K, V>()

  constructor(make: (settings: K) => V, drop: (value: V) => void = () => undefined) {
    this.#make = make
    this.#drop = drop
  }

  get(settings: K): V {
    const known = this.#values.get(settings)
    if (known !== undefined) return known
    const made = this.#make(settings)
    this.#values.set(settings, made)
    if (this.#values.size > MAX_KEPT) this.#dropOldest()
    return made
  }

  close(): void {
    for (const value of this.#values.values()) this.#drop(value)
    this.#values.clear()
  }

  #dropOldest(): void {
    for (const [settings, value] of this.#values) {
      this.#values.delete(settings)
      return this.#drop(value)
    }
  }
}
