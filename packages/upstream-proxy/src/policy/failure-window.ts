import { type FailureSource, FailureTally, mostOfOne } from './failure-tally.ts'

export interface WindowSettings {
  /** Number of failures that are too many, if they are also `failure_rate` of the requests. */
  readonly failure_threshold: number
  /** A fraction of the requests, above 0 and at most 1. */
  readonly failure_rate: number
  /** In milliseconds. Outcomes count for at least half of this time and at most all of it. */
  readonly window: number
}

/** The outcomes of recent requests. */
export class FailureWindow {
  readonly #settings: WindowSettings
  readonly #mostOfOne: number
  #good = 0
  #bad = new FailureTally()
  /** The counts of the previous half of the window. */
  #goodBefore = 0
  #badBefore = new FailureTally()
  #end = -Infinity
  /** Time of the last success; not reset by `clear()`. */
  #goodAt = -Infinity

  constructor(settings: WindowSettings) {
    this.#settings = settings
    this.#mostOfOne = mostOfOne(settings.failure_threshold)
  }

  succeed(now: number): void {
    this.#turn(now)
    this.#good++
    this.#goodAt = now
  }

  /** A success that is not counted but shows that requests are being served. */
  notice(now: number): void {
    this.#goodAt = now
  }

  /**
   * @param source undefined when any request would have failed
   * @returns whether the failure counts: while other requests succeed, one client or path must not decide for all
   */
  fail(now: number, source: FailureSource | undefined): boolean {
    this.#turn(now)
    if (source !== undefined && now - this.#goodAt <= this.#settings.window) {
      const counted = this.#bad.countOf(source) + this.#badBefore.countOf(source)
      if (counted >= this.#mostOfOne) return false
    }
    this.#bad.add(source)
    return true
  }

  /** Whether too many requests failed. */
  get isOver(): boolean {
    const { failure_threshold, failure_rate } = this.#settings
    const bad = this.#bad.count + this.#badBefore.count
    const all = bad + this.#good + this.#goodBefore
    return bad >= failure_threshold && bad >= failure_rate * all
  }

  clear(): void {
    this.#good = this.#goodBefore = 0
    this.#bad.clear()
    this.#badBefore.clear()
  }

  #turn(now: number): void {
    if (now < this.#end) return
    const half = this.#settings.window / 2
    const isNext = now < this.#end + half
    this.#end = now + half
    if (!isNext) return this.clear()
    const before = this.#badBefore
    before.clear()
    this.#badBefore = this.#bad
    this.#bad = before
    this.#goodBefore = this.#good
    this.#good = 0
  }
}
