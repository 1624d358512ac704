/** Something that has to be over by a time. */
export interface Timed {
  /** `Deadlines.now` at which it is late; Infinity for never. */
  deadline: number
  /** Where the deadlines have it; -1 when they have not. Theirs to set. */
  slot: number
  /** It is late. Called again at every tick, as long as it is and has not been deleted. */
  onLate(now: number): void
}

/** How far apart the looks at the clock are, in milliseconds: nothing is late by more than that. */
const TICK = 100
/** After how long what threw is called again, in milliseconds. */
const PAUSE = 1000

/**
 * One coarse clock for all that is under way: a timer of its own would cost each request more. The items are in
 * an array, not in a Set: the tables that a Set outgrows hold on to what was in them, and to one another, until
 * the next full garbage collection.
 */
export class Deadlines {
  /** Milliseconds, as of the last tick. */
  now = performance.now()
  readonly #items: Timed[] = []
  readonly #timer: NodeJS.Timeout
  #hasSkipped = false

  readonly #onThrow: (error: unknown) => void

  /** @param onThrow told of what an item throws; the others are looked at all the same */
  constructor(onThrow: (error: unknown) => void = () => undefined) {
    this.#onThrow = onThrow
    this.#timer = setInterval(() => this.#tick(), TICK).unref()
  }

  /** The time that is `ms` from now, or a little later, never earlier. */
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
    // The process was busy: what came in the meantime is read before anyone is called late, once.
    this.#hasSkipped = !this.#hasSkipped && this.now - before > 2 * TICK
    if (this.#hasSkipped) return
    // From the end: whoever is deleted meanwhile is replaced by one that was looked at already.
    for (let at = this.#items.length - 1; at >= 0; at--) {
      const item = this.#items[at]
      if (item !== undefined && item.deadline <= this.now) this.#call(item)
    }
  }

  #call(item: Timed): void {
    try {
      item.onLate(this.now)
    } catch (error) {
      // It would throw again ten times a second.
      if (item.deadline <= this.now) item.deadline = this.after(PAUSE)
      this.#onThrow(error)
    }
  }
}
