import { LRUCache } from 'lru-cache'

/** Maximum number of cached values; past it, the least recently used is evicted. */
const MAX_KEPT = 500

/**
 * A cache of one value per settings object, made by `memo`: the live store has a new object for each change.
 *
 * @param drop called with each evicted value, and with all at `clear`
 */
export function keptPer<K extends object, V extends object>(
  make: (settings: K) => V,
  drop: (value: V) => void = () => undefined
): LRUCache<K, V> {
  return new LRUCache({ max: MAX_KEPT, memoMethod: make, dispose: drop })
}
