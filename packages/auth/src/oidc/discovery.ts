// When a provider is asked what it is like, however many log in.

import type { Refusal } from '../identity.ts'
import type { KnownProvider } from './known-provider.ts'
import { refusalOf } from './refusal-of.ts'

/** How long what was discovered is used before it is asked for again, in milliseconds. */
const REFRESH_AFTER = 3_600_000
/** How long nothing is asked after a failure, in milliseconds. */
const RETRY_AFTER = 5000

/**
 * Keeps what was discovered. It is asked for by one request at a time; after a failure, those who log
 * in are refused without a request for a while, or go on with what was known before.
 */
export class Discovery {
  readonly #discover: () => Promise<KnownProvider>
  readonly #now: () => number
  #last: KnownProvider | Refusal | undefined
  #pending: Promise<KnownProvider | Refusal> | undefined
  #dueAt = 0

  /** @param now a clock that never goes back, in milliseconds */
  constructor(discover: () => Promise<KnownProvider>, now: () => number) {
    this.#discover = discover
    this.#now = now
  }

  /** The provider, or 503 with what went wrong when it was last asked. Never rejects. */
  async known(): Promise<KnownProvider | Refusal> {
    if (this.#last !== undefined && this.#now() < this.#dueAt) return this.#last
    this.#pending ??= this.#ask()
    return this.#pending
  }

  async #ask(): Promise<KnownProvider | Refusal> {
    try {
      this.#last = await this.#discover()
      this.#dueAt = this.#now() + REFRESH_AFTER
    } catch (error) {
      if (this.#last === undefined || 'refused' in this.#last) this.#last = unavailable(error)
      this.#dueAt = this.#now() + RETRY_AFTER
    }
    this.#pending = undefined
    return this.#last
  }
}

/** A description that is wrong is no better than none: nobody can log in, for no fault of theirs. */
function unavailable(error: unknown): Refusal {
  return { refused: 503, reason: `discovery failed: ${refusalOf(error, 'answer').reason}` }
}
