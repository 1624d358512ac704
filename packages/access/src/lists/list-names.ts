import type { Store } from '@reliw/model'

/** Maximum number of lists. */
const MAX_LISTS = 1000

/** The names of the lists in the store, also of those that were deleted while this process runs. */
export class ListNames {
  readonly #store: Pick<Store, 'driver' | 'keys'>
  readonly #names = new Set<string>()
  #isComplete = false

  constructor(store: Pick<Store, 'driver' | 'keys'>) {
    this.#store = store
  }

  /** Notes keys that changed; `undefined`: any key may have changed. */
  note(keys: readonly string[] | undefined): void {
    if (keys === undefined) this.#isComplete = false
    for (const key of keys ?? []) this.#add(key)
  }

  delete(name: string): void {
    this.#names.delete(name)
  }

  /** All names; reads the store only when it has to. Rejects when the store is unavailable. */
  async read(): Promise<readonly string[]> {
    if (!this.#isComplete) {
      this.#isComplete = true
      try {
        await this.#scan()
      } catch (error) {
        this.#isComplete = false
        throw error
      }
    }
    return [...this.#names]
  }

  async #scan(): Promise<void> {
    const { driver, keys } = this.#store
    for await (const batch of driver.keys(keys.list(), 1000)) {
      for (const key of batch) this.#add(key)
    }
  }

  #add(key: string): void {
    if (this.#names.size < MAX_LISTS) this.#names.add(key.slice(this.#store.keys.list().length))
  }
}
