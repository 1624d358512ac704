import { RemoteKeys, type RemoteKeysOptions } from './jwks.ts'

const MOST_SETS = 1_000

/**
 * The key sets of all issuers. Sites and entries that name the same address share what was fetched, and
 * keep it when their settings change. The one that was asked for the longest time ago goes first.
 */
export class KeySets {
  readonly #options: RemoteKeysOptions
  readonly #sets = new Map<string, RemoteKeys>()

  /** @param options of every set */
  constructor(options: RemoteKeysOptions = {}) {
    this.#options = options
  }

  at(uri: string): RemoteKeys {
    const set = this.#sets.get(uri) ?? new RemoteKeys(uri, this.#options)
    this.#sets.delete(uri)
    this.#sets.set(uri, set)
    if (this.#sets.size > MOST_SETS) this.#dropOldest()
    return set
  }

  #dropOldest(): void {
    for (const uri of this.#sets.keys()) {
      this.#sets.delete(uri)
      return
    }
  }
}
