import type { Upstream } from '@reliw/model'
import { type FailureSource, FailureTally, mostOfOne } from './failure-tally.ts'

type HealthSettings = Pick<
  Upstream['health'],
  'max_fails' | 'fail_timeout' | 'unhealthy_threshold' | 'healthy_threshold'
>

/**
 * What happened to an origin: requests failed and it is out for `ms`, or that is over; checks
 * failed, or are good again.
 */
export type HealthChange =
  | { readonly kind: 'ejected'; readonly ms: number }
  | { readonly kind: 'returned' | 'unhealthy' | 'healthy' }

/** What is known of an origin's health. */
export interface HealthState {
  /** What active checks say; true without them. */
  healthy: boolean
  /** By the clock of this {@link OriginHealth}; undefined when it is not out. */
  ejectedUntil: number | undefined
  /** Failed requests in a row that count, since it was last taken out. */
  fails: number
}

/** An origin that is taken out again and again is out for at most this many times `fail_timeout`. */
const LONGEST = 16

/** Whether an origin may get requests: by how those it got went, and by active checks. */
export class OriginHealth {
  readonly #settings: HealthSettings
  readonly #onChange: (change: HealthChange) => void
  readonly #now: () => number
  readonly #fails = new FailureTally()
  #ejectedUntil: number | undefined
  /** When a request went well last. */
  #goodAt = -Infinity
  /** How many times `fail_timeout` the next ejection lasts. */
  #factor = 1
  #isHealthy = true
  /** Checks in a row that contradict `#isHealthy`. */
  #contradictions = 0

  /** @param now a clock that never goes back, in milliseconds */
  constructor(
    settings: HealthSettings,
    onChange: (change: HealthChange) => void = () => {},
    now: () => number = () => performance.now()
  ) {
    this.#settings = settings
    this.#onChange = onChange
    this.#now = now
  }

  /** An ejection ends by being looked at after its time. */
  get isUsable(): boolean {
    return !this.#isOut() && this.#isHealthy
  }

  get state(): HealthState {
    this.#isOut()
    return { healthy: this.#isHealthy, ejectedUntil: this.#ejectedUntil, fails: this.#fails.count }
  }

  /** A request went well. */
  succeed(): void {
    this.#goodAt = this.#now()
    if (this.#isOut()) return
    this.#fails.clear()
    this.#factor = 1
  }

  /**
   * A request failed. One client, or one path, is not to speak for all while others are served.
   *
   * @param source undefined when any other would have failed as well
   */
  fail(source?: FailureSource): void {
    const { max_fails, fail_timeout } = this.#settings
    // Those that were under way when it was taken out say nothing new.
    if (max_fails === 0 || this.#isOut()) return
    const isServing = this.#now() - this.#goodAt <= fail_timeout
    const isBounded = source !== undefined && isServing
    if (isBounded && this.#fails.countOf(source) >= mostOfOne(max_fails)) return
    this.#fails.add(source)
    if (this.#fails.count >= max_fails) this.#eject()
  }

  /** An active check was made. */
  checked(ok: boolean): void {
    if (ok === this.#isHealthy) {
      this.#contradictions = 0
      return
    }
    const { unhealthy_threshold, healthy_threshold } = this.#settings
    if (++this.#contradictions < (ok ? healthy_threshold : unhealthy_threshold)) return
    this.#contradictions = 0
    this.#isHealthy = ok
    this.#onChange({ kind: ok ? 'healthy' : 'unhealthy' })
  }

  #eject(): void {
    const ms = this.#settings.fail_timeout * this.#factor
    this.#fails.clear()
    this.#factor = Math.min(this.#factor * 2, LONGEST)
    this.#ejectedUntil = this.#now() + ms
    this.#onChange({ kind: 'ejected', ms })
  }

  #isOut(): boolean {
    if (this.#ejectedUntil === undefined) return false
    if (this.#now() < this.#ejectedUntil) return true
    this.#ejectedUntil = undefined
    this.#onChange({ kind: 'returned' })
    return false
  }
}
