/** A value, or a promise if it must be loaded first: a cached value costs no promise. */
export type Live<V> = V | Promise<V>

/** Passed to everything that a load reads: it records the sources of the value. */
export interface Reader {
  /** Adds to the memory cost of the value, in bytes. */
  weigh(bytes: number): void
  /** Marks the data as possibly outdated: the value made from it is returned, but not cached. */
  doubt(): void
}

/** Values made from sources on demand, each cached until one of its sources changes. */
export interface View<V> {
  /**
   * The value of a key, synchronously if it is cached and fresh. With a reader, the value that is loaded through the
   * reader becomes dependent on this one.
   *
   * @throws StoreUnavailable when the store is unavailable and the value is not cached, or has been stale for too long
   */
  get(key: string, reader?: Reader): Live<V>
}

/** Counts since start, for metrics. */
export interface LiveStatistics {
  /** Memory of the cached values now, in bytes. */
  bytes: number
  /** Cached values now. */
  nodes: number
  hits: number
  misses: number
  /** Cached values that were invalidated by a change. */
  invalidations: number
  evictions: number
  /** Reads served from a cached value that the store could not confirm. */
  staleServed: number
}
