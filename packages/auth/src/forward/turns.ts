import { ForwardFailure } from './failure.ts'

/** Lets so many at once do something, and so many more wait for it, first come first served. */
export class Turns {
  readonly #maxWaiting: number
  readonly #waiting = new Set<() => void>()
  #free: number

  constructor(atOnce: number, maxWaiting: number) {
    this.#free = atOnce
    this.#maxWaiting = maxWaiting
  }

  /**
   * Takes a turn, which has to be given back.
   *
   * @returns undefined when it is there at once; a promise that rejects with a ForwardFailure when
   * too many wait, with the signal's reason when that is aborted before the turn comes
   */
  take(signal: AbortSignal): Promise<void> | undefined {
    if (this.#free === 0) return this.#wait(signal)
    this.#free -= 1
    return undefined
  }

  /** Gives a turn back: to who waits longest, if anybody does. */
  give(): void {
    const [next] = this.#waiting
    if (next === undefined) this.#free += 1
    else next()
  }

  #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#maxWaiting) {
      return Promise.reject(new ForwardFailure('too many requests wait for the auth server'))
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const start = (): void => {
      this.#waiting.delete(start)
      signal.removeEventListener('abort', leave)
      resolve()
    }
    const leave = (): void => {
      this.#waiting.delete(start)
      reject(signal.reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    this.#waiting.add(start)
    return promise
  }
}
