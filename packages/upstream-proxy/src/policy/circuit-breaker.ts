import type { Upstream } from '@reliw/store'
import type { FailureSource } from './failure-tally.ts'
import { FailureWindow } from './failure-window.ts'

/** Times are in milliseconds, `timeout_seconds` too. */
export type CircuitSettings = Exclude<Upstream['circuit_breaker'], false>

/**
 * Open: the upstream failed, and gets a few requests at a time. Half-open: likewise, but one of them went well.
 */
export type CircuitState = 'closed' | 'open' | 'half-open'

/** From the opening to the first probe, in milliseconds; doubles from probe to probe. */
const FIRST_PAUSE = 1000

/**
 * Spares an upstream that fails, without giving it up: while the circuit is open a few requests at a time find
 * out whether it works again. Each request that is admitted ends in exactly one of `succeed()`, `fail()` and
 * `release()`; what was admitted before the circuit opened or closed says nothing about it, and is not counted.
 */
export class CircuitBreaker {
  readonly #settings: CircuitSettings
  readonly #onChange: (state: CircuitState) => void
  readonly #now: () => number
  readonly #window: FailureWindow
  #state: CircuitState = 'closed'
  /** Grows when it opens and closes: requests that were admitted before carry an older one. */
  #epoch = 1
  /** Trials in a row that went well. */
  #successes = 0
  /** Requests under way that were admitted since it opened. */
  #trials = 0
  /** When one more is admitted, however many are under way: they may never end. */
  #probeAt = 0
  #pause = 0

  /** @param now a clock that never goes back, in milliseconds */
  constructor(
    settings: CircuitSettings,
    onChange: (state: CircuitState) => void = () => {},
    now: () => number = () => performance.now()
  ) {
    this.#settings = settings
    this.#onChange = onChange
    this.#now = now
    this.#window = new FailureWindow(settings)
  }

  get state(): CircuitState {
    return this.#state
  }

  /** @returns a token for what the request ends in; undefined when it must not be made */
  admit(): number | undefined {
    if (this.#state !== 'closed' && !this.#admitTrial()) return undefined
    return this.#epoch
  }

  /** The request went well. */
  succeed(token: number): void {
    if (token !== this.#epoch) return
    if (this.#state === 'closed') return this.#window.succeed(this.#now())
    this.#window.notice(this.#now())
    this.#trials--
    if (++this.#successes >= this.#settings.success_threshold) this.#turn('closed')
    else if (this.#state === 'open') this.#tell('half-open')
  }

  /** The request failed. @param source undefined when any other would have failed as well */
  fail(token: number, source?: FailureSource): void {
    if (token !== this.#epoch) return
    const counts = this.#window.fail(this.#now(), source)
    if (this.#state !== 'closed') {
      this.#trials--
      // Still half-open: one line of the log for each failure among successes would be too many.
      if (counts) this.#successes = 0
    } else if (counts && this.#window.isOver) {
      this.#turn('open')
    }
  }

  /** The request ended with neither: its client left. */
  release(token: number): void {
    if (token === this.#epoch && this.#state !== 'closed') this.#trials--
  }

  /** Whole seconds, at least 1, until a refused request is worth another attempt: until the next probe. */
  retryAfter(): number {
    return Math.max(1, Math.ceil((this.#probeAt - this.#now()) / 1000))
  }

  #admitTrial(): boolean {
    const now = this.#now()
    if (this.#trials >= this.#settings.half_open_max_requests) {
      if (now < this.#probeAt) return false
      this.#schedule(now)
    }
    this.#trials++
    return true
  }

  #schedule(now: number): void {
    this.#probeAt = now + this.#pause
    this.#pause = Math.min(this.#pause * 2, this.#settings.timeout_seconds)
  }

  #turn(state: 'open' | 'closed'): void {
    this.#epoch++
    this.#successes = 0
    this.#trials = 0
    this.#window.clear()
    this.#pause = Math.min(FIRST_PAUSE, this.#settings.timeout_seconds)
    this.#schedule(this.#now())
    this.#tell(state)
  }

  #tell(state: CircuitState): void {
    this.#state = state
    this.#onChange(state)
  }
}
