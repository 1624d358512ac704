import { LRUCache } from 'lru-cache'
import { RemoteKeys, type RemoteKeysOptions } from './jwks.ts'

const MAX_SETS = 1_000

/**
 * The key sets of all issuers. Sites and entries with the same address share its keys, and keep them when their
 * settings change. The least recently used set is evicted first.
 */
export class KeySets {
  readonly #sets: LRUCache<string, RemoteKeys>

  /** @param options for every set */
  constructor(options: RemoteKeysOptions = {}) {
    this.#sets = new LRUCache({
      max: MAX_SETS,
      memoMethod: (uri) => new RemoteKeys(uri, options)
    })
  }

  at(uri: string): RemoteKeys {
    return this.#sets.memo(uri)
  }
}
