import type { Upstream } from '@reliw/store'

/** Times are in milliseconds, `timeout_seconds` too. */
export type CircuitSettings = Exclude<Upstream['circuit_breaker'], false>

/** Half-open: a few trials find out whether the upstream works again. */
export type CircuitState = 'closed' | 'open' | 'half-open'

/** A trial under way keeps others from being made for no longer than this, in milliseconds. */
const LONGEST_TRIAL = 60_000

/**
 * Keeps requests from an upstream that fails. Each request that is admitted ends in exactly one of
 * `succeed()`, `fail()` and `release()`; what ends after a change of state says nothing about the
 * new one, and is not counted.
 */
export class CircuitBreaker {
  readonly #settings: CircuitSettings
  readonly #onChange: (state: CircuitState) => void
  readonly #now: () => number
  #state: CircuitState = 'closed'
  /** Grows with every change of state: requests that were admitted before carry an older one. */
  #epoch = 1
  /** Failures in a row while closed, successes while half-open. */
  #count = 0
  #trials = 0
  /** When the next trial may be made, however many are under way. */
  #trialAt = 0

  /** @param now a clock that never goes back, in milliseconds */
  constructor(
    settings: CircuitSettings,
    onChange: (state: CircuitState) => void = () => {},
    now: () => number = () => performance.now()
  ) {
    this.#settings = settings
    this.#onChange = onChange
    this.#now = now
  }

  /** Stays open until a request comes after its time. */
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
    if (this.#state === 'closed') {
      this.#count = 0
    } else {
      this.#trials--
      if (++this.#count >= this.#settings.success_threshold) this.#enter('closed')
    }
  }

  /** The request failed. */
  fail(token: number): void {
    if (token !== this.#epoch) return
    if (this.#state === 'closed' && ++this.#count < this.#settings.failure_threshold) return
    this.#trialAt = this.#now() + this.#settings.timeout_seconds
    this.#enter('open')
  }

  /** The request ended with neither: its client left. */
  release(token: number): void {
    if (token === this.#epoch && this.#state === 'half-open') this.#trials--
  }

  /** Whole seconds, at least 1, after which a refused request is worth another attempt. */
  retryAfter(): number {
    if (this.#state !== 'open') return 1
    return Math.max(1, Math.ceil((this.#trialAt - this.#now()) / 1000))
  }

  #admitTrial(): boolean {
    const now = this.#now()
    const isFull = this.#trials >= this.#settings.half_open_max_requests
    if ((this.#state === 'open' || isFull) && now < this.#trialAt) return false
    if (this.#state === 'open') this.#enter('half-open')
    this.#trials++
    this.#trialAt = now + LONGEST_TRIAL
    return true
  }

  #enter(state: CircuitState): void {
    this.#state = state
    this.#epoch++
    this.#count = 0
    this.#trials = 0
    this.#onChange(state)
  }
}
