import type { FailureKind } from '@reliw/http'
import type { Deadlines, Timed } from '../deadlines.ts'
import type { Group } from '../upstream/group.ts'

/**
 * Time for an origin to request a body or refuse it, in milliseconds: many never send 100 Continue (RFC 9110 10.1.1).
 */
const DECISION = 1000
/** Time for a client to begin its body once it was requested, in milliseconds: it occupies a connection meanwhile. */
const BEGINNING = 5000

/** What has not happened in time; `decision`: the origin has neither requested the announced body nor refused it. */
export type Late = FailureKind | 'decision'

export interface TimeoutEvents {
  /** Called again at every tick until there is a new deadline. */
  onLate(late: Late, now: number): void
}

/** The timeouts of a forwarded request: one runs at a time, and it has a meaning. */
export class Timeouts implements Timed {
  deadline = Infinity
  slot = -1
  readonly #deadlines: Deadlines
  readonly #group: Group
  readonly #events: TimeoutEvents
  #late: Late = 'total timeout'
  #total = Infinity

  constructor(deadlines: Deadlines, group: Group, events: TimeoutEvents) {
    this.#deadlines = deadlines
    this.#group = group
    this.#events = events
  }

  /** The time by which the response has to begin. */
  get total(): number {
    return this.#total
  }

  /** Whether the origin has to request the announced body or refuse it. */
  get isDecisionExpected(): boolean {
    return this.#late === 'decision'
  }

  start(): void {
    this.#deadlines.add(this)
  }

  stop(): void {
    this.#deadlines.delete(this)
  }

  /** The total time begins. */
  startTotal(): void {
    this.#total = this.#deadlines.after(this.#group.settings.timeouts.total)
  }

  /** Nothing but the total time limits the wait. */
  expectWithinTotal(): void {
    this.#late = 'total timeout'
    this.deadline = this.#total
  }

  /** The head of the response has to arrive. */
  expectHead(): void {
    this.#expect('headers timeout', this.#group.settings.timeouts.headers)
  }

  /** Something has to arrive from the client or the origin. */
  expectProgress(): void {
    this.#expect('idle timeout', this.#group.settings.timeouts.idle)
  }

  /** Shortens the wait to the total time. */
  limitToTotal(): void {
    if (this.#total < this.deadline) this.expectWithinTotal()
  }

  /**
   * A full client has to take data. It may be slow: the buffers that hold the data for it give no sign of progress
   * until they are empty.
   */
  expectDrain(): void {
    this.deadline = this.#deadlines.after(2 * this.#group.settings.timeouts.idle)
  }

  /** The origin has to request the announced body or refuse it. */
  expectDecision(): void {
    this.#expect('decision', DECISION)
  }

  /** The client has to begin the body that was requested from it. */
  expectBeginning(): void {
    this.deadline = Math.min(this.deadline, this.#deadlines.after(BEGINNING))
  }

  onLate(now: number): void {
    this.#events.onLate(this.#late, now)
  }

  #expect(late: Late, ms: number): void {
    this.#late = late
    this.deadline = this.#deadlines.after(ms)
  }
}
