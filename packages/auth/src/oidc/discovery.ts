// Limits how often a provider's metadata is fetched, however many users log in.

import type { Refusal } from '../identity.ts'
import type { DiscoveredProvider } from './discovered-provider.ts'
import { refusalOf } from './refusal-of.ts'

/** How long metadata is used before it is fetched again, in milliseconds. */
const REFRESH_AFTER = 3_600_000
/** How long no fetch is tried after a failure, in milliseconds. */
const RETRY_AFTER = 5000

/**
 * Caches a provider's metadata. One login at a time fetches it. For a while after a failed fetch, logins use the
 * earlier metadata; if there is none, they are refused without another fetch.
 */
export class Discovery {
  readonly #discover: () => Promise<DiscoveredProvider>
  readonly #now: () => number
  #last: DiscoveredProvider | Refusal | undefined
  #pending: Promise<DiscoveredProvider | Refusal> | undefined
  #dueAt = 0

  /** @param now a monotonic clock, in milliseconds */
  constructor(discover: () => Promise<DiscoveredProvider>, now: () => number) {
    this.#discover = discover
    this.#now = now
  }

  /** The provider, or a 503 refusal with the reason why the last fetch failed. Never rejects. */
  async find(): Promise<DiscoveredProvider | Refusal> {
    if (this.#last !== undefined && this.#now() < this.#dueAt) return this.#last
    this.#pending ??= this.#fetch()
    return this.#pending
  }

  async #fetch(): Promise<DiscoveredProvider | Refusal> {
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

/** Invalid metadata is as bad as none: logins are refused with 503, since the fault is not the user's. */
function unavailable(error: unknown): Refusal {
  return { refused: 503, reason: `discovery failed: ${refusalOf(error, 'response').reason}` }
}
