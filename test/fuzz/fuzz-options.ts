/** What a run is asked for. */
export interface FuzzOptions {
  /** How many cases. */
  readonly count: number
  /** How many at once. */
  readonly width: number
  readonly seed: number
  /** The number of the first case; 0 but where one is to be seen alone. */
  readonly first: number
  /** The server's `--max-old-space-size`, in MiB. Default: node's own. */
  readonly heap?: number
  /** Is told of each case that is over. */
  readonly onProgress?: (index: number) => void
}

/** What came of it. */
export interface FuzzReport {
  /** What should not be, with the bytes that did it; empty when all is well. */
  readonly faults: readonly string[]
  /** What was seen, for people. */
  readonly lines: readonly string[]
}
