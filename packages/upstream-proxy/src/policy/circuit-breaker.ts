import type { Upstream } from '@reliw/model'
import type { FailureSource } from './failure-tally.ts'
import { FailureWindow } from './failure-window.ts'

/** Times are in milliseconds, `timeout_seconds` too. */
export type CircuitSettings = Exclude<Upstream['circuit_breaker'], false>

/**
 * Open: the upstream failed, and gets a few requests at a time. Half-open: likewise, but one of them went well.
 */
export type CircuitState = 'closed' | 'open' | 'half-open'

/** How long a request whose body is still coming takes a place of a trial, in milliseconds: its client may be slow. */
const UPLOAD_TIME = 1000
/** From the opening to the first probe, in milliseconds; doubles from probe to probe. */
const FIRST_PAUSE = 1000

/** A request that may be made. */
export interface Admission {
  /** Grows when the circuit opens and closes: what was admitted before says nothing about it. */
  readonly epoch: number
  /** Until when it takes a place of a trial, if it is one. */
  readonly until: number
  readonly isUpload: boolean
}

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
  /** What all get while it is closed. */
  #admission: Admission = { epoch: 1, until: Infinity, isUpload: false }
  /** Trials in a row that went well. */
  #successes = 0
  /** Requests under way that were admitted since it opened. */
  readonly #trials = new Set<Admission>()
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

  /**
   * @param isUpload whether its body is still coming, at the pace of its client
   * @returns what the request ends with; undefined when it must not be made
   */
  admit(isUpload = false): Admission | undefined {
    return this.#state === 'closed' ? this.#admission : this.#admitTrial(isUpload)
  }

  /** The request went well. */
  succeed(admission: Admission): void {
    if (!this.#isOfNow(admission)) return
    if (this.#state === 'closed') return this.#window.succeed(this.#now())
    this.#window.notice(this.#now())
    this.#trials.delete(admission)
    if (++this.#successes >= this.#settings.success_threshold) this.#turn('closed')
    else if (this.#state === 'open') this.#tell('half-open')
  }

  /** The request failed. @param source undefined when any other would have failed as well */
  fail(admission: Admission, source?: FailureSource): void {
    if (!this.#isOfNow(admission)) return
    const counts = this.#window.fail(this.#now(), source)
    if (this.#state !== 'closed') {
      this.#trials.delete(admission)
      // Still half-open: one line of the log for each failure among successes would be too many.
      if (counts) this.#successes = 0
    } else if (counts && this.#window.isOver) {
      this.#turn('open')
    }
  }

  /** The request ended with neither: its client left. */
  release(admission: Admission): void {
    this.#trials.delete(admission)
  }

  /** Whole seconds, at least 1, until a refused request is worth another attempt: until the next probe. */
  retryAfter(): number {
    return Math.max(1, Math.ceil((this.#probeAt - this.#now()) / 1000))
  }

  #isOfNow({ epoch }: Admission): boolean {
    return epoch === this.#admission.epoch
  }

  /**
   * security: of bodies that are still coming, clients decide how long they take. They leave a place to others, if
   * there are several, have theirs for a time, and are no probes.
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
    this.#tell(state)
  }

  #tell(state: CircuitState): void {
    this.#state = state
    this.#onChange(state)
  }
}
