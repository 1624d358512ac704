/** One change of one key. `ttl` in milliseconds; setting a string without `ttl` removes an earlier expiry. */
export type Operation =
  | { op: 'set'; key: string; value: string | Buffer; ttl?: number | undefined }
  | { op: 'delete'; key: string }
  | { op: 'hset'; key: string; fields: Record<string, string | Buffer> }
  | { op: 'hdelete'; key: string; field: string }
  | { op: 'expire'; key: string; ttl: number }

/** Adds to a counter: a string key, or a field of a hash. `ttl` (ms) applies only when the key is created. */
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
  /** An integer. */
  by: number
}

/** Result of `count`; increments in neither list are in the store. */
export interface Counted {
  /** Permanently refused: the key has another type or is too long, or the stored value is not a number. */
  refused: Count[]
  /** Not added, or possibly not added; a later attempt may succeed. */
  left: Count[]
}

/** One use of a budget of a rate limit. */
export interface Take {
  key: string
  /**
   * `fixed`: a window from its first use; `sliding`: the previous window weighted by its overlap; `gcra`: a steady rate
   * with bursts. A key belongs to one algorithm; a value that another algorithm left is not understood, and starts
   * anew.
   */
  algorithm: 'fixed' | 'sliding' | 'gcra'
  /** Uses per period, an integer ≥ 0; 0 allows none, and stores nothing. */
  limit: number
  /** Milliseconds, an integer ≥ 1. */
  period: number
  /** gcra: uses at once, an integer ≥ 1; default: `limit`. */
  burst?: number | undefined
}

/** Result of a use. */
export interface Taken {
  allowed: boolean
  /** Remaining uses, an integer ≥ 0. */
  remaining: number
  /** Milliseconds until more uses remain than now, > 0; equals `retryAfter` when refused. */
  reset: number
  /** Milliseconds until the next use may be allowed; 0 when allowed. */
  retryAfter: number
}

/**
 * The storage of the data model. Keys are complete, with the prefix. Reads and writes reject with StoreUnavailable when
 * the store is unavailable, at once rather than after a wait.
 */
export interface Driver {
  readonly name: 'redis' | 'embedded'
  get(key: string): Promise<Buffer | undefined>
  hashField(key: string, field: string): Promise<Buffer | undefined>
  /** All fields of a hash; `undefined` when it does not exist. */
  hash(key: string): Promise<Record<string, Buffer> | undefined>
  /** Type of a key, `other` for a type that the data model does not use; `undefined` when the key does not exist. */
  type(key: string): Promise<'string' | 'hash' | 'other' | undefined>
  /** Remaining lifetime in milliseconds; `undefined` when the key does not expire or does not exist. */
  ttl(key: string): Promise<number | undefined>
  /** All or nothing, except on Redis Cluster: there in order, stopping at the first failure. */
  write(operations: readonly Operation[]): Promise<void>
  /**
   * Returns the new values, in order. In the embedded store one failure fails all; in Redis the other increments may
   * have been added then. For many independent increments use `count`.
   */
  increment(increments: readonly Increment[]): Promise<number[]>
  /**
   * Adds to each counter independently: a refused increment does not affect the others. Rejects, with no increment
   * known to be added, when none was accepted but a later attempt may succeed.
   */
  count(counts: readonly Count[]): Promise<Counted>
  /**
   * Takes one use from each budget, in order, in one round trip (on Redis Cluster one command per key, in parallel);
   * each key atomically. Refused uses consume nothing. A value that is not a budget starts anew; a key of another type
   * rejects with WriteFailed, and other budgets of the call may have been used by then.
   */
  take(takes: readonly Take[]): Promise<Taken[]>
  /**
   * Complete keys that begin with `prefix`, in no order, in batches of about `count` (default 100); batches may be
   * empty.
   */
  keys(prefix: string, count?: number): AsyncIterable<string[]>
  publish(channel: string, message: string): Promise<void>
  /**
   * Resolves once messages arrive, or at once while the store is unavailable; survives reconnections. Returns a
   * function that ends the subscription.
   */
  subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>>
  /** Checks for changes made by other processes; only for a driver to which they are not announced. */
  poll?: (() => void) | undefined
  close(): Promise<void>
}
