/** A source of a cached value: a key of the store, a file, or another cached value. */
export class Source {
  /** Name by which changes are announced; undefined for a cached value, which no announcement names. */
  readonly name: string | undefined
  /** Nodes to invalidate when this source changes; undefined until there are any. */
  dependents: Set<LiveNode> | undefined

  constructor(name?: string) {
    this.name = name
  }
}

/** A load in progress. A load that is no longer its node's `load` still resolves for its callers, but is not cached. */
export interface Load<V = unknown> {
  promise: Promise<V> | undefined
}

/** One cached value of one view, with its sources. */
export class LiveNode<V = unknown> extends Source {
  /** Removes the node from its view. */
  readonly drop: () => void
  /** The last value that could be made; it stays while a newer one cannot be made. */
  value: V | undefined
  /** Digest of the bytes that `value` was decoded from; undefined if it was made from anything else. */
  digest: string | undefined
  /** Why no value can be made from the present state. */
  error: Error | undefined
  /** Whether `value` holds a value that may be served. */
  filled = false
  /** Whether `value` or `error` reflects the present state of all sources. */
  fresh = false
  /** Epoch of the graph in which the value was made. */
  epoch = -1
  /** When the value stopped being fresh, in epoch milliseconds; 0 while it is fresh. */
  staleSince = 0
  /** The load in progress; cleared when one of its sources changes. */
  load: Load | undefined
  /** Whether the value was read since the last sweep. */
  used = false
  bytes = 0
  sources: Source[] = []

  constructor(drop: () => void) {
    super()
    this.drop = drop
  }

  dependOn(source: Source): void {
    if (source.dependents?.has(this)) return
    source.dependents ??= new Set()
    source.dependents.add(this)
    this.sources.push(source)
  }
}
