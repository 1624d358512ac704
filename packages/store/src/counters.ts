import type { Driver } from './driver.ts'

/** Distinct counters held between two flushes; past it new ones are not counted. */
const MAX_COUNTERS = 100_000
/** Increments per write, so that no single one blocks the store for long. */
const BATCH = 1000

interface Count {
  key: string
  field: string
  by: number
}

/**
 * Counts in memory and adds to the store now and then, in few writes: a request never waits for it. While
 * the store is away counting goes on, within bounds; a process that is killed loses one interval at most.
 */
export class Counters {
  readonly #driver: Driver
  readonly #counts = new Map<string, Map<string, number>>()
  readonly #timer: NodeJS.Timeout
  #size = 0
  #flushing: Promise<void> | undefined
  /** Increments that were not counted because too many distinct counters were waiting. */
  dropped = 0

  constructor(driver: Driver, interval: number) {
    this.#driver = driver
    this.#timer = setInterval(() => void this.flush(), interval).unref()
  }

  /** Adds `by` to a field of the hash `key`. */
  add(key: string, field: string, by = 1): void {
    let fields = this.#counts.get(key)
    if (fields === undefined) this.#counts.set(key, (fields = new Map()))
    const before = fields.get(field)
    if (before === undefined && ++this.#size > MAX_COUNTERS) {
      this.#size--
      this.dropped++
      return
    }
    fields.set(field, (before ?? 0) + by)
  }

  /** Writes what was counted so far. What the store does not take is kept for the next time. */
  async flush(): Promise<void> {
    await (this.#flushing ??= this.#write().finally(() => {
      this.#flushing = undefined
    }))
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#flushing
    await this.flush()
  }

  async #write(): Promise<void> {
    const increments = this.#take()
    for (let at = 0; at < increments.length; at += BATCH) {
      const batch = increments.slice(at, at + BATCH)
      try {
        await this.#driver.increment(batch)
      } catch {
        for (const { key, field, by } of increments.slice(at)) this.add(key, field, by)
        return
      }
    }
  }

  #take(): Count[] {
    const increments: Count[] = []
    for (const [key, fields] of this.#counts) {
      for (const [field, by] of fields) increments.push({ key, field, by })
    }
    this.#counts.clear()
    this.#size = 0
    return increments
  }
}
