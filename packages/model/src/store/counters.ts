/** Adds `by`, a whole number, to a field of the hash `key`. */
export type AddCount = (key: string, field: string, by: number) => void

/** Passes on what was counted since its last call, and resets it. Must be synchronous. */
export type CountSource = (add: AddCount) => void

/** Counts that are held in memory and added to the store periodically: a request never waits for the store. */
export interface Counters {
  /**
   * Sum of the increments that were dropped: too many distinct counters were waiting, or the stored key is not a
   * counter.
   */
  readonly dropped: number
  /** Adds `by`, a whole number, to a field of the hash `key`. Default: 1. */
  add(key: string, field: string, by?: number): void
  /**
   * Calls `drain` right before each write, the last one included: for code that counts in plain numbers. While the
   * store is unavailable, only `flush` and closing call it. Returns a function that removes the source, after a last
   * call.
   */
  addSource(drain: CountSource): () => void
  /** Writes what was counted before the call. Increments that the store does not accept are kept for the next write. */
  flush(): Promise<void>
}
