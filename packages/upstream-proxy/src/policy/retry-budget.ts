/** Half of the time that counts, in milliseconds. */
const SLOT = 5_000
/** What a quiet site may have beside its share: nothing beside the requests of a storm. */
const LEAST = 10

/**
 * Bounds retries by requests, so that they cannot multiply the load of an upstream that fails: to n requests of
 * the last 5 to 10 seconds come at most `ratio` × n + 10 of them. So many at once when they are due: all that
 * were with an origin when it died fail together.
 */
export class RetryBudget {
  readonly #ratio: number
  readonly #now: () => number
  #requests = 0
  #retries = 0
  /** Of the slot before. */
  #lastRequests = 0
  #lastRetries = 0
  #slotEnd: number

  /**
   * @param ratio retries per request, from 0 (never) to 1
   * @param now a clock that never goes back, in milliseconds
   */
  constructor(ratio: number, now: () => number = () => performance.now()) {
    this.#ratio = ratio
    this.#now = now
    this.#slotEnd = now() + SLOT
  }

  /** A request has come. Not called for its retries. */
  deposit(): void {
    this.#turn()
    this.#requests++
  }

  /** @returns whether a retry may be made; it is counted then */
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
