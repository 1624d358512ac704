/** An item with a deadline, checked by {@link Deadlines}. */
export interface Timed {
  /** The item is late from this time on, by the clock of `Deadlines.now`; Infinity for never. */
  deadline: number
  /** Index of the item in `Deadlines`, which maintains it; -1 while the item is not there. */
  slot: number
  /** The deadline has passed. Called again at every tick until the deadline is moved or the item is deleted. */
  onLate(now: number): void
}

/** Interval between checks of all deadlines, in milliseconds: the precision of every deadline. */
const TICK = 100
/** Delay before an item that threw is called again, in milliseconds. */
const PAUSE = 1000

/**
 * One coarse timer for everything under way, because a timer per request would cost more. The items are in an array,
 * not in a Set: the tables that a growing Set outgrows keep their contents, and one another, alive until the next full
 * garbage collection.
 */
export class Deadlines {
  /** Milliseconds, as of the last tick. */
  now = performance.now()
  readonly #items: Timed[] = []
  readonly #timer: NodeJS.Timeout
  #hasSkipped = false

  readonly #onThrow: (error: unknown) => void

  /** @param onThrow called with what an item throws; the remaining items are still checked */
  constructor(onThrow: (error: unknown) => void = () => undefined) {
    this.#onThrow = onThrow
    this.#timer = setInterval(() => this.#tick(), TICK).unref()
  }

  /** The time `ms` milliseconds from now, or slightly later; never earlier. */
  after(ms: number): number {
    return this.now + ms + TICK
  }

  add(item: Timed): void {
    item.slot = this.#items.push(item) - 1
  }

  delete(item: Timed): void {
    const { slot } = item
    if (slot === -1) return
    item.slot = -1
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    this.#items[slot] = last
    last.slot = slot
  }

  close(): void {
    clearInterval(this.#timer)
    this.#items.length = 0
  }

  #tick(): void {
    const before = this.now
    this.now = performance.now()
    // The process was blocked: skip one tick, so that input that arrived meanwhile is read before any item counts as
    // late.
    this.#hasSkipped = !this.#hasSkipped && this.now - before > 2 * TICK
    if (this.#hasSkipped) return
    // Backwards: an item deleted during the loop is replaced by one that has already been checked.
    for (let at = this.#items.length - 1; at >= 0; at--) {
      const item = this.#items[at]
      if (item !== undefined && item.deadline <= this.now) this.#call(item)
    }
  }

  #call(item: Timed): void {
    try {
      item.onLate(this.now)
    } catch (error) {
      // Otherwise it would throw again ten times a second.
      if (item.deadline <= this.now) item.deadline = this.after(PAUSE)
      this.#onThrow(error)
    }
  }
}
