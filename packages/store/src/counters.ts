import type { Count, Counted, Counters, CountSource, Driver } from '@reliw/model'

/** Largest number of distinct counters held between two flushes; increments of further ones are dropped. */
const MAX_COUNTERS = 100_000
/** Increments per write, so that no single write blocks the store for long. */
const BATCH = 1000
/** Largest number of distinct keys and sources that are warned about. */
const MAX_WARNINGS = 20

/** Dependencies of the counters. */
interface Parts {
  driver: Pick<Driver, 'count'>
  /** Milliseconds between two writes. */
  interval: number
  /** Whether a write may succeed now; while it cannot, only explicit flushes write. */
  isConnected: () => boolean
  /**
   * Called once for each problem that an operator should know about: a key that is not a counter, a source that throws.
   */
  warned: (message: string, fields: { key: string } | { cause: string }) => void
}

/**
 * Counts in memory and adds the counts to the store periodically, in few writes: a request never waits for the store.
 * While the store is unavailable, counting continues within bounds.
 *
 * Guarantees: a process that is killed loses at most the increments since its last completed write; a process that
 * closes loses none if the store accepts them. An increment that the store refuses permanently is dropped; one that it
 * did not accept is written again; one that it accepted is not, whatever happened to the rest of its batch. If a reply
 * is lost with the connection, whether the store accepted the increment is unknown: it is written again, and counts
 * twice if it had been accepted. An increment whose reply is late counts as accepted; it is lost if the store dies
 * before executing it.
 */
export class BufferedCounters implements Counters {
  readonly #parts: Parts
  readonly #counts = new Map<string, Map<string, number>>()
  readonly #sources = new Set<CountSource>()
  readonly #warnedAbout = new Set<unknown>()
  readonly #timer: NodeJS.Timeout
  #size = 0
  #flushing: Promise<void> | undefined
  dropped = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.#timer = setInterval(() => {
      if (this.#flushing === undefined && parts.isConnected()) void this.flush()
    }, parts.interval).unref()
  }

  add(key: string, field: string, by = 1): void {
    const fields = this.#counts.get(key)
    const before = fields?.get(field)
    if (before === undefined && this.#size >= MAX_COUNTERS) {
      this.dropped += by
      return
    }
    if (before === undefined) this.#size++
    if (fields === undefined) this.#counts.set(key, new Map([[field, by]]))
    else fields.set(field, (before ?? 0) + by)
  }

  addSource(drain: CountSource): () => void {
    this.#sources.add(drain)
    return () => {
      if (this.#sources.delete(drain)) this.#drain(drain)
    }
  }

  async flush(): Promise<void> {
    await this.#flushing
    await (this.#flushing ??= this.#write().finally(() => {
      this.#flushing = undefined
    }))
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  async #write(): Promise<void> {
    for (const drain of this.#sources) this.#drain(drain)
    const waiting = this.#take()
    for (let at = 0; at < waiting.length; at += BATCH) {
      const batch = waiting.slice(at, at + BATCH)
      const { refused, left } = await this.#send(batch)
      this.#drop(refused)
      this.#restore(left)
      if (left.length === batch.length) return this.#restore(waiting.slice(at + BATCH))
    }
  }

  async #send(batch: Count[]): Promise<Counted> {
    try {
      return await this.#parts.driver.count(batch)
    } catch {
      return { refused: [], left: batch }
    }
  }

  #take(): Count[] {
    const waiting: Count[] = []
    for (const [key, fields] of this.#counts) {
      for (const [field, by] of fields) waiting.push({ key, field, by })
    }
    this.#counts.clear()
    this.#size = 0
    return waiting
  }

  #restore(left: Count[]): void {
    for (const { key, field, by } of left) this.add(key, field, by)
  }

  #drop(refused: Count[]): void {
    for (const { key, by } of refused) {
      this.dropped += by
      this.#warnOnce(key, 'counter refused', { key })
    }
  }

  #drain(drain: CountSource): void {
    try {
      drain((key, field, by) => this.add(key, field, by))
    } catch (cause) {
      this.#warnOnce(drain, 'counter source failed', { cause: String(cause) })
    }
  }

  #warnOnce(about: unknown, ...warning: Parameters<Parts['warned']>): void {
    if (this.#warnedAbout.has(about) || this.#warnedAbout.size >= MAX_WARNINGS) return
    this.#warnedAbout.add(about)
    this.#parts.warned(...warning)
  }
}
