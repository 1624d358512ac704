import { type FailureSource, FailureTally, mostOfOne } from './failure-tally.ts'

export interface WindowSettings {
  /** Failures that are too many, if they are also `failure_rate` of the requests. */
  readonly failure_threshold: number
  /** A part of the requests, more than 0 and at most 1. */
  readonly failure_rate: number
  /** In milliseconds; what counts is as old as this at most, and half as old at least. */
  readonly window: number
}

/** What became of the requests of the last seconds. */
export class FailureWindow {
  readonly #settings: WindowSettings
  readonly #mostOfOne: number
  #good = 0
  #bad = new FailureTally()
  /** Of the half of the window that is over. */
  #goodBefore = 0
  #badBefore = new FailureTally()
  #end = -Infinity
  /** When a request went well last, whatever was forgotten since. */
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

  /** Of what is not counted otherwise: somebody is served. */
  notice(now: number): void {
    this.#goodAt = now
  }

  /**
   * @param source undefined when any request would have failed
   * @returns whether it counts: one client, or one path, is not to speak for all while others are served
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
