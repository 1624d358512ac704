import type { Environment } from './environment.ts'

/** Keys removed per transaction, so that no writer waits long. */
const SLICE = 1000
/** Longest pause between two sweeps, in milliseconds: another process may set a key that expires sooner. */
const LONGEST_PAUSE = 1000

/**
 * Removes keys soon after they expire. Every process sweeps; keys that one process has removed are gone for the others.
 *
 * @param remove deletes keys in one transaction and announces them
 */
export class Sweeper {
  readonly #env: Environment
  readonly #remove: (keys: string[]) => Promise<void>
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(env: Environment, remove: (keys: string[]) => Promise<void>) {
    this.#env = env
    this.#remove = remove
    this.#plan()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #plan(): void {
    if (this.#closed) return
    const [next] = this.#env.due.getKeys({ limit: 1 })
    const pause = next === undefined ? LONGEST_PAUSE : next[0] - Date.now()
    const delay = Math.min(Math.max(pause, 1), LONGEST_PAUSE)
    this.#timer = setTimeout(() => void this.#sweep(), delay).unref()
  }

  async #sweep(): Promise<void> {
    const due = this.#env.due.getKeys({
      end: [Date.now() + 1, ''] as [number, string],
      limit: SLICE
    })
    const keys = Array.from(due, ([, key]) => key)
    try {
      if (keys.length > 0) await this.#remove(keys)
    } finally {
      this.#plan()
    }
  }
}
