import { Busy } from '../errors.ts'

/**
 * Lets a few pieces of work run at once and some more wait, first come, first served. All others
 * are refused.
 *
 * Password hashes run in the four threads of libuv, which files and names need, too.
 */
export class WorkQueue {
  readonly #atOnce: number
  readonly #mostWaiting: number
  readonly #waiting: (() => void)[] = []
  #running = 0
  #started = 0

  /**
   * @param atOnce how many run at once
   * @param mostWaiting how many may wait beside them
   */
  constructor(atOnce = 2, mostWaiting = 64) {
    this.#atOnce = atOnce
    this.#mostWaiting = mostWaiting
  }

  /** How many have ever been started. */
  get started(): number {
    return this.#started
  }

  /** How many run now. */
  get running(): number {
    return this.#running
  }

  /** How many wait for one that runs to end. */
  get waiting(): number {
    return this.#waiting.length
  }

  /**
   * Does the work when its turn has come.
   *
   * @returns what the work returns, or its error
   * @throws {Busy} when too many are waiting; the work is not done then
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) this.#running++
    else await this.#turn()
    this.#started++
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#mostWaiting) throw new Busy()
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  /** The place is handed on, not given up: else whoever comes in between would overtake. */
  #next(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#running--
    else next()
  }
}
