/** Anything a kept value can have been made from: a key of the store, a file, or another kept value. */
export class Source {
  /** What a change is announced by; a kept value, which no announcement names, has none. */
  readonly name: string | undefined
  /** Who has to be made again when this changes; absent until somebody asks. */
  dependents: Set<LiveNode> | undefined

  constructor(name?: string) {
    this.name = name
  }
}

/** A load in progress. A load that is no longer its node's `load` answers its callers and is then forgotten. */
export interface Load<V = unknown> {
  promise: Promise<V> | undefined
}

/** One kept value of one view, with what it was made from. */
export class LiveNode<V = unknown> extends Source {
  /** Takes the node out of its view. */
  readonly drop: () => void
  /** The last value that could be made; it stays while a newer one cannot be. */
  value: V | undefined
  /** Why the present state gives no value. */
  error: Error | undefined
  /** Whether `value` was ever set. */
  filled = false
  /** Whether `value` or `error` stands for the present state of everything it was made from. */
  fresh = false
  /** The graph's epoch in which it was made. */
  epoch = -1
  /** When it stopped being fresh, in epoch milliseconds; 0 while it is. */
  staleSince = 0
  /** The load in progress; cleared when a source changes under it. */
  load: Load | undefined
  /** Whether it was read again since the last sweep. */
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
