/** Half of the period for which requests and retries are counted, in milliseconds. */
const SLOT = 5_000
/** Number of retries allowed beyond the ratio, for quiet sites; negligible under heavy load. */
const LEAST = 10

/**
 * Limits retries in proportion to requests, so that they cannot multiply the load of a failing upstream: with n
 * requests in the last 5 to 10 seconds, at most `ratio` × n + 10 retries. They may be used at once, because all
 * requests at an origin fail together when it dies.
 */
export class RetryBudget {
  readonly #ratio: number
  readonly #now: () => number
  #requests = 0
  #retries = 0
  /** The counts of the previous slot. */
  #lastRequests = 0
  #lastRetries = 0
  #slotEnd: number

  /**
   * @param ratio retries per request, from 0 (never) to 1
   * @param now a monotonic clock, in milliseconds
   */
  constructor(ratio: number, now: () => number = () => performance.now()) {
    this.#ratio = ratio
    this.#now = now
    this.#slotEnd = now() + SLOT
  }

  /** Counts a request. Not called for its retries. */
  deposit(): void {
    this.#turn()
    this.#requests++
  }

  /** @returns whether a retry is allowed; it is counted then */
  take(): boolean {
    if (this.#ratio === 0) return false
    this.#turn()
    const allowed = LEAST + this.#ratio * (this.#requests + this.#lastRequests)
    if (this.#retries + this.#lastRetries + 1 > allowed) return false
    this.#retries++
    return true
  }

  #turn(): void {
    const now = this.#now()
    if (now < this.#slotEnd) return
    const isNext = now < this.#slotEnd + SLOT
    this.#lastRequests = isNext ? this.#requests : 0
    this.#lastRetries = isNext ? this.#retries : 0
    this.#requests = 0
    this.#retries = 0
    this.#slotEnd = now + SLOT
  }
}
