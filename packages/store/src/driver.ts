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

/** What a driver tells the store. */
export interface DriverEvents {
  /** These keys changed; `undefined`: any may have. */
  changed: (keys: readonly string[] | undefined) => void
  /** Reads work and changes are announced from now on. */
  connected: () => void
  /** Changes may be missed from now on. */
  disconnected: (cause: Error) => void
  /** Something an operator should know, that changes nothing by itself. */
  warned: (message: string, cause: unknown) => void
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
  /** Which type a key has; `undefined` when it does not exist. */
  type(key: string): Promise<'string' | 'hash' | undefined>
  /** Milliseconds left; `undefined` when the key does not expire or does not exist. */
  ttl(key: string): Promise<number | undefined>
  /** All or nothing, except on Redis Cluster: there in order, stopping at the first failure. */
  write(operations: readonly Operation[]): Promise<void>
  /** The new values, in order. */
  increment(increments: readonly Increment[]): Promise<number[]>
  /** Whole keys that begin with `prefix`, in no order, in batches of about `count` (default 100). */
  keys(prefix: string, count?: number): AsyncIterable<string[]>
  publish(channel: string, message: string): Promise<void>
  /** Resolves once messages arrive; survives reconnections. Returns how to stop. */
  subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>>
  /** Looks for changes that other processes made: for a driver that nobody announces them to. */
  poll?: () => void
  close(): Promise<void>
}
