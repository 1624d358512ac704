import type { Upstream } from '@reliw/model'
import { type FailureSource, FailureTally, mostOfOne } from './failure-tally.ts'

type HealthSettings = Pick<
  Upstream['health'],
  'max_fails' | 'fail_timeout' | 'unhealthy_threshold' | 'healthy_threshold'
>

/**
 * A change of an origin: ejected for `ms` milliseconds after failed requests, or back from that; unhealthy or healthy
 * again by its health checks; draining, or back from that, by its definition.
 */
export type HealthChange =
  | { readonly kind: 'ejected'; readonly ms: number }
  | { readonly kind: 'returned' | 'unhealthy' | 'healthy' | 'draining' | 'undrained' }

/** The health of an origin. */
export interface HealthState {
  /** The result of health checks; true without them. */
  healthy: boolean
  /** By the clock of this {@link OriginHealth}; undefined when the origin is not ejected. */
  ejectedUntil: number | undefined
  /** Consecutive failed requests that count, since the last ejection. */
  fails: number
}

/** Maximum length of repeated ejections, as a multiple of `fail_timeout`. */
const LONGEST = 16

/** Decides whether an origin may get requests, from the outcomes of its requests and from health checks. */
export class OriginHealth {
  readonly #settings: HealthSettings
  readonly #onChange: (change: HealthChange) => void
  readonly #now: () => number
  readonly #fails = new FailureTally()
  #ejectedUntil: number | undefined
  /** Time of the last successful request. */
  #goodAt = -Infinity
  /** Length of the next ejection, as a multiple of `fail_timeout`. */
  #factor = 1
  #isHealthy = true
  /** Consecutive health checks that contradict `#isHealthy`. */
  #contradictions = 0

  /** @param now a monotonic clock, in milliseconds */
  constructor(
    settings: HealthSettings,
    onChange: (change: HealthChange) => void = () => {},
    now: () => number = () => performance.now()
  ) {
    this.#settings = settings
    this.#onChange = onChange
    this.#now = now
  }

  /** Reading this property ends an ejection whose time has passed. */
  get isUsable(): boolean {
    return !this.#isOut() && this.#isHealthy
  }

  get state(): HealthState {
    this.#isOut()
    return { healthy: this.#isHealthy, ejectedUntil: this.#ejectedUntil, fails: this.#fails.count }
  }

  /** A request succeeded. */
  succeed(): void {
    this.#goodAt = this.#now()
    if (this.#isOut()) return
    this.#fails.clear()
    this.#factor = 1
  }

  /**
   * A request failed. While other requests succeed, one client or path must not decide for all.
   *
   * @param source undefined when any other request would have failed as well
   */
  fail(source?: FailureSource): void {
    const { max_fails, fail_timeout } = this.#settings
    // Failures of requests that were under way at the ejection say nothing new.
    if (max_fails === 0 || this.#isOut()) return
    const isServing = this.#now() - this.#goodAt <= fail_timeout
    const isBounded = source !== undefined && isServing
    if (isBounded && this.#fails.countOf(source) >= mostOfOne(max_fails)) return
    this.#fails.add(source)
    if (this.#fails.count >= max_fails) this.#eject()
  }

  /** A health check was completed. */
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
