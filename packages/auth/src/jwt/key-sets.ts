import { LRUCache } from 'lru-cache'
import { RemoteKeys, type RemoteKeysOptions } from './jwks.ts'

const MOST_SETS = 1_000

/**
 * The key sets of all issuers. Sites and entries that name the same address share what was fetched, and
 * keep it when their settings change. The one that was asked for the longest time ago goes first.
 */
export class KeySets {
  readonly #sets: LRUCache<string, RemoteKeys>

  /** @param options of every set */
  constructor(options: RemoteKeysOptions = {}) {
    this.#sets = new LRUCache({
      max: MOST_SETS,
      memoMethod: (uri) => new RemoteKeys(uri, options)
    })
  }

  at(uri: string): RemoteKeys {
    return this.#sets.memo(uri)
  }
}
