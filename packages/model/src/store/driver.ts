/** One change of one key. `ttl` in milliseconds; setting a string without one removes an earlier one. */
export type Operation =
  | { op: 'set'; key: string; value: string | Buffer; ttl?: number | undefined }
  | { op: 'delete'; key: string }
  | { op: 'hset'; key: string; fields: Record<string, string | Buffer> }
  | { op: 'hdelete'; key: string; field: string }
  | { op: 'expire'; key: string; ttl: number }

/** Adds to a counter: a string key, or a field of a hash. `ttl` (ms) starts when the key comes into being. */
export interface Increment {
  key: string
  field?: string | undefined
  by: number
  ttl?: number | undefined
}

/** Adds to a field of a hash. */
export interface Count {
  key: string
  field: string
  /** Whole. */
  by: number
}

/** What came of counts; those that are in neither list are in the store. */
export interface Counted {
  /** They can never be counted: the key is of another type or too long, or what is there is no number. */
  refused: Count[]
  /** They were not taken, or whether they were is not known; another time they may be. */
  left: Count[]
}

/** One use of a budget that may run out. */
export interface Take {
  key: string
  /**
   * `fixed`: a window from its first use; `sliding`: the last window counts by its overlap; `gcra`: a steady
   * rate with bursts. A key is of one algorithm; what another one left there is not understood, and starts anew.
   */
  algorithm: 'fixed' | 'sliding' | 'gcra'
  /** Uses per period, whole, ≥ 0 (0: none is ever allowed, and nothing is stored). */
  limit: number
  /** Milliseconds, whole, ≥ 1. */
  period: number
  /** gcra: uses at once, whole, ≥ 1; default: limit. */
  burst?: number | undefined
}

/** What came of a use. */
export interface Taken {
  allowed: boolean
  /** Uses left now, ≥ 0, whole. */
  remaining: number
  /** Milliseconds until more are left than now, > 0; when refused, `retryAfter`. */
  reset: number
  /** Milliseconds until the next use could be allowed; 0 when allowed. */
  retryAfter: number
}

/**
 * Where the data model lives. Keys are whole keys, prefix included. Reads and writes reject with
 * StoreUnavailable when the store cannot be asked, at once rather than after a wait.
 */
export interface Driver {
  readonly name: 'redis' | 'embedded'
  get(key: string): Promise<Buffer | undefined>
  hashField(key: string, field: string): Promise<Buffer | undefined>
  /** All fields of a hash; `undefined` when it does not exist. */
  hash(key: string): Promise<Record<string, Buffer> | undefined>
  /** Which type a key has, `other` being one that nothing here is kept in; `undefined` when it does not exist. */
  type(key: string): Promise<'string' | 'hash' | 'other' | undefined>
  /** Milliseconds left; `undefined` when the key does not expire or does not exist. */
  ttl(key: string): Promise<number | undefined>
  /** All or nothing, except on Redis Cluster: there in order, stopping at the first failure. */
  write(operations: readonly Operation[]): Promise<void>
  /**
   * The new values, in order. When one fails all do in the embedded store; in Redis the others may have been
   * counted then: for many that have nothing to do with each other there is `count`.
   */
  increment(increments: readonly Increment[]): Promise<number[]>
  /**
   * Adds to each on its own, none waiting for another: one that is refused harms no other. Rejects, with nothing
   * known to be counted, when none was taken though another time they may be.
   */
  count(counts: readonly Count[]): Promise<Counted>
  /**
   * Uses one of each budget, in order, in one round trip (on Redis Cluster one per node, in parallel); each key
   * atomically. Refused uses consume nothing. A value that is no budget starts anew; a key of another type
   * rejects with WriteFailed, and other budgets of the call may have been used then.
   */
  take(takes: readonly Take[]): Promise<Taken[]>
  /** Whole keys that begin with `prefix`, in no order, in batches of about `count` (default 100). */
  keys(prefix: string, count?: number): AsyncIterable<string[]>
  publish(channel: string, message: string): Promise<void>
  /** Resolves once messages arrive; survives reconnections. Returns how to stop. */
  subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>>
  /** Looks for changes that other processes made: for a driver that nobody announces them to. */
  poll?: (() => void) | undefined
  close(): Promise<void>
}
