/** Limits how many callers do something at once; a limited number of others wait, first come, first served. */
export class Turns {
  readonly #maxWaiting: number
  readonly #tooMany: () => Error
  readonly #waiting = new Set<() => void>()
  #free: number

  /** @param tooMany makes the error for a caller that finds the queue full */
  constructor(atOnce: number, maxWaiting: number, tooMany: () => Error) {
    this.#free = atOnce
    this.#maxWaiting = maxWaiting
    this.#tooMany = tooMany
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * Takes a turn, which has to be given back.
   *
   * @returns undefined if a turn is free; else a promise, which rejects if the queue is full, and with the signal's
   * reason if that is aborted before the turn comes
   * @throws the signal's reason if it is aborted already
   */
  take(signal?: AbortSignal): Promise<void> | undefined {
    signal?.throwIfAborted()
    if (this.#free === 0) return this.#wait(signal)
    this.#free -= 1
    return undefined
  }

  /** Gives a turn back: straight to the caller that has waited longest, so that a new one cannot overtake it. */
  give(): void {
    const [next] = this.#waiting
    if (next === undefined) this.#free += 1
    else next()
  }

  #wait(signal?: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#maxWaiting) return Promise.reject(this.#tooMany())
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const start = (): void => {
      this.#waiting.delete(start)
      signal?.removeEventListener('abort', leave)
      resolve()
    }
    const leave = (): void => {
      this.#waiting.delete(start)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', leave, { once: true })
    this.#waiting.add(start)
    return promise
  }
}
