import type { Upstream } from '@reliw/model'
import type { FailureSource } from './failure-tally.ts'
import { FailureWindow } from './failure-window.ts'

/** Times are in milliseconds, `timeout_seconds` too. */
export type CircuitSettings = Exclude<Upstream['circuit_breaker'], false>

/**
 * Open: the upstream failed, and gets only a few requests at a time. Half-open: the same, after one of them succeeded.
 */
export type CircuitState = 'closed' | 'open' | 'half-open'

/** How long a request whose body is still arriving occupies a trial place, in milliseconds: its client may be slow. */
const UPLOAD_TIME = 1000
/** Time from the opening of the circuit to the first probe, in milliseconds; doubles with each probe. */
const FIRST_PAUSE = 1000

/** Permission to send a request. */
export interface Admission {
  /** Increases whenever the circuit opens or closes: the outcome of a request admitted before that is not counted. */
  readonly epoch: number
  /** The time until which a trial occupies its place; Infinity for no limit. */
  readonly until: number
  readonly isUpload: boolean
}

/**
 * Protects a failing upstream without giving it up: while the circuit is open, a few requests at a time test whether it
 * works again. Each admitted request ends in exactly one of `succeed()`, `fail()` and `release()`; the outcome of a
 * request admitted before the circuit last opened or closed is not counted.
 */
export class CircuitBreaker {
  readonly #settings: CircuitSettings
  readonly #onChange: (state: CircuitState) => void
  readonly #now: () => number
  readonly #window: FailureWindow
  #state: CircuitState = 'closed'
  /** The admission of all requests while the circuit is closed. */
  #admission: Admission = { epoch: 1, until: Infinity, isUpload: false }
  /** The number of consecutive successful trials. */
  #successes = 0
  /** Requests under way that were admitted after the circuit opened. */
  readonly #trials = new Set<Admission>()
  /** The time at which a probe is admitted even if all trial places are taken: the trials may never end. */
  #probeAt = 0
  #pause = 0

  /** @param now a monotonic clock, in milliseconds */
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

  /**
   * @param isUpload whether the body is still arriving, at the pace of its client
   * @returns the admission to report the outcome with; undefined when the request must not be sent
   */
  admit(isUpload = false): Admission | undefined {
    return this.#state === 'closed' ? this.#admission : this.#admitTrial(isUpload)
  }

  /** The request succeeded. */
  succeed(admission: Admission): void {
    if (!this.#isOfNow(admission)) return
    if (this.#state === 'closed') return this.#window.succeed(this.#now())
    this.#window.notice(this.#now())
    this.#trials.delete(admission)
    if (++this.#successes >= this.#settings.success_threshold) this.#turn('closed')
    else if (this.#state === 'open') this.#change('half-open')
  }

  /**
   * The request failed.
   *
   * @param source undefined when any other request would have failed as well
   */
  fail(admission: Admission, source?: FailureSource): void {
    if (!this.#isOfNow(admission)) return
    const counts = this.#window.fail(this.#now(), source)
    if (this.#state !== 'closed') {
      this.#trials.delete(admission)
      // The state remains half-open: a log line for each failure among successes would be too many.
      if (counts) this.#successes = 0
    } else if (counts && this.#window.isOver) {
      this.#turn('open')
    }
  }

  /** The request ended without an outcome: its client disconnected. */
  release(admission: Admission): void {
    this.#trials.delete(admission)
  }

  /** Whole seconds, at least 1, until the next probe, when a refused request is worth another attempt. */
  retryAfter(): number {
    return Math.max(1, Math.ceil((this.#probeAt - this.#now()) / 1000))
  }

  #isOfNow({ epoch }: Admission): boolean {
    return epoch === this.#admission.epoch
  }

  /**
   * security: clients decide how long their uploads take. If there are several trial places, uploads leave one to other
   * requests; they hold a place for a limited time, and are never probes.
   */
  #admitTrial(isUpload: boolean): Admission | undefined {
    const now = this.#now()
    const most = this.#settings.half_open_max_requests
    let uploads = 0
    for (const trial of this.#trials) {
      if (trial.until <= now) this.#trials.delete(trial)
      else if (trial.isUpload) uploads++
    }
    if (isUpload && uploads >= Math.max(1, most - 1)) return undefined
    if (this.#trials.size >= most) {
      if (isUpload || now < this.#probeAt) return undefined
      this.#schedule(now)
    }
    const until = isUpload ? now + UPLOAD_TIME : Infinity
    const trial: Admission = { ...this.#admission, until, isUpload }
    this.#trials.add(trial)
    return trial
  }

  #schedule(now: number): void {
    this.#probeAt = now + this.#pause
    this.#pause = Math.min(this.#pause * 2, this.#settings.timeout_seconds)
  }

  #turn(state: 'open' | 'closed'): void {
    this.#admission = { ...this.#admission, epoch: this.#admission.epoch + 1 }
    this.#successes = 0
    this.#trials.clear()
    this.#window.clear()
    this.#pause = Math.min(FIRST_PAUSE, this.#settings.timeout_seconds)
    this.#schedule(this.#now())
    this.#change(state)
  }

  #change(state: CircuitState): void {
    this.#state = state
    this.#onChange(state)
  }
}
