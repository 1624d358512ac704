/** Adds `by`, a whole number, to a field of the hash `key`. */
export type AddCount = (key: string, field: string, by: number) => void

/** Hands over what was counted since it was last asked, and forgets it. Must not wait for anything. */
export type CountSource = (add: AddCount) => void

/** Counts that are held in memory and added to the store now and then: a request never waits for it. */
export interface Counters {
  /**
   * What was not counted, as the sum of its increments: too many distinct counters were waiting, or the key in the
   * store is no counter.
   */
  readonly dropped: number
  /** Adds `by`, a whole number, to a field of the hash `key`. Default: 1. */
  add(key: string, field: string, by?: number): void
  /**
   * Asks `drain` for what it counted right before each write, the last one included: for who counts in plain
   * numbers. While the store is away it is not asked. Returns how to stop, which asks it a last time.
   */
  addSource(drain: CountSource): () => void
  /** Writes what was counted before the call. What the store does not take is kept for the next time. */
  flush(): Promise<void>
}
