import { Busy } from '../errors.ts'
import { Turns } from '../turns.ts'

/**
 * Lets a few pieces of work run at once and some more wait, first come, first served. All others
 * are refused.
 *
 * Password hashes run in the four threads of libuv, which files and names need, too.
 */
export class WorkQueue {
  readonly #turns: Turns
  #running = 0
  #started = 0

  /**
   * @param atOnce how many run at once
   * @param mostWaiting how many may wait beside them
   */
  constructor(atOnce = 2, mostWaiting = 64) {
    this.#turns = new Turns(atOnce, mostWaiting, () => new Busy())
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
    return this.#turns.waiting
  }

  /**
   * Does the work when its turn has come.
   *
   * @param signal is aborted when nobody wants the work any more: what has not begun by then gives up its place
   * @returns what the work returns, or its error
   * @throws {Busy} when too many are waiting, and the signal's reason; the work is not done then
   */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const turn = this.#turns.take(signal)
    if (turn !== undefined) await turn
    this.#running++
    this.#started++
    try {
      return await work()
    } finally {
      this.#running--
      this.#turns.give()
    }
  }
}
