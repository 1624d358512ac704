import { Busy } from '../errors.ts'
import { Semaphore } from '../semaphore.ts'

/**
 * Runs a few tasks at once and lets some more wait, first come, first served; all others are refused.
 *
 * Password hashes run in libuv's four threads, which file access and DNS lookups need as well.
 */
export class WorkQueue {
  readonly #semaphore: Semaphore
  #running = 0
  #started = 0

  /**
   * @param atOnce number of tasks that run at once
   * @param maxWaiting number of tasks that may wait beside them
   */
  constructor(atOnce = 2, maxWaiting = 64) {
    this.#semaphore = new Semaphore(atOnce, maxWaiting, () => new Busy())
  }

  /** Number of tasks started so far. */
  get started(): number {
    return this.#started
  }

  /** Number of running tasks. */
  get running(): number {
    return this.#running
  }

  /** Number of waiting tasks. */
  get waiting(): number {
    return this.#semaphore.waiting
  }

  /**
   * Runs a task when its turn has come.
   *
   * @param signal aborted when the result is no longer needed: a waiting task gives up its place
   * @returns the result of the task, or its error
   * @throws {Busy} if too many are waiting, and the signal's reason if it is aborted first; the task does not run then
   */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const permit = this.#semaphore.acquire(signal)
    if (permit !== undefined) await permit
    this.#running++
    this.#started++
    try {
      return await work()
    } finally {
      this.#running--
      this.#semaphore.release()
    }
  }
}
