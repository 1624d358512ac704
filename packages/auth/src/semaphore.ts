/** Limits how many callers do something at once; a limited number of others wait, first come, first served. */
export class Semaphore {
  readonly #maxWaiting: number
  readonly #queueFull: () => Error
  readonly #waiting = new Set<() => void>()
  #permits: number

  /** @param queueFull makes the error for a caller that finds the queue full */
  constructor(atOnce: number, maxWaiting: number, queueFull: () => Error) {
    this.#permits = atOnce
    this.#maxWaiting = maxWaiting
    this.#queueFull = queueFull
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * Takes a permit, which has to be released.
   *
   * @returns undefined if a permit is free; else a promise, which rejects if the queue is full, and with the signal's
   * reason if that is aborted before a permit is free
   * @throws the signal's reason if it is aborted already
   */
  acquire(signal?: AbortSignal): Promise<void> | undefined {
    signal?.throwIfAborted()
    if (this.#permits === 0) return this.#wait(signal)
    this.#permits -= 1
    return undefined
  }

  /** Releases a permit: straight to the caller that has waited longest, so that a new one cannot overtake it. */
  release(): void {
    const [next] = this.#waiting
    if (next === undefined) this.#permits += 1
    else next()
  }

  #wait(signal?: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#maxWaiting) return Promise.reject(this.#queueFull())
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
