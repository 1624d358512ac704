/** A value now, or a promise where it has to be fetched first: what is warm costs no promise. */
export type Live<V> = V | Promise<V>

/** What a load reads through: the store notes there what the value is made from. */
export interface Reader {
  /** Adds to what keeping the value costs, in bytes. */
  weigh(bytes: number): void
  /** What was read is not known to be current: the value made from it answers, and is not kept. */
  doubt(): void
}

/** Values made from sources on demand, each kept until a source of it changes. */
export interface View<V> {
  /**
   * The value of a key, at once when it is kept and fresh. Given a reader, what is being loaded through that
   * reader becomes dependent on it.
   *
   * @throws StoreUnavailable when it is not kept, or kept for too long, and the store cannot be asked
   */
  get(key: string, reader?: Reader): Live<V>
}

/** Counts since start, for metrics. */
export interface LiveStatistics {
  /** Bytes that kept values account for now. */
  bytes: number
  /** Kept values now. */
  nodes: number
  hits: number
  misses: number
  /** Kept values that a change made stale. */
  invalidations: number
  evictions: number
  /** Answers given from a kept value while the store could not confirm it. */
  staleServed: number
}
