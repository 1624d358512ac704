import { LRUCache } from 'lru-cache'

/** How many are kept; past it the one that was used the longest time ago goes. */
const MAX_KEPT = 500

/**
 * What is made once for each settings object, by `memo`: the live store has a new object for each change.
 *
 * @param drop is called with what goes, and with all at `clear`
 */
export function keptPer<K extends object, V extends object>(
  make: (settings: K) => V,
  drop: (value: V) => void = () => undefined
): LRUCache<K, V> {
  return new LRUCache({ max: MAX_KEPT, memoMethod: make, dispose: drop })
}
