import { fetchKeySet } from './fetch-key-set.ts'
import { findKeys } from './key-set.ts'
import type { TokenHeader } from './token-header.ts'
import type { VerificationKey } from './verification-key.ts'

export interface RemoteKeysOptions {
  /** For one answer of the issuer's server, in milliseconds. Default: 5,000. */
  timeout?: number
  /** Is told of each fetch that failed; the reason does not hold the address. Must not throw. */
  onFailure?: (uri: string, reason: string) => void
  /** A clock that never goes back, in milliseconds. */
  now?: () => number
}

/** Keys are fetched anew when they are older. A key that was taken out counts no longer than that. */
const FRESH_MS = 600_000
/** Between two fetches, however many tokens name a key that nobody knows. */
const COOLDOWN_MS = 30_000
/** The same, while there are no keys at all. */
const RETRY_MS = 5_000
/** A fetch that failed less long ago tells that the next one would only be waited for in vain. */
const FAILING_MS = 60_000
/** How long the last good keys count while no others can be had. */
const STALE_MS = 86_400_000

/**
 * The keys of an issuer that publishes and rotates them. Only a well-formed answer replaces those that
 * are kept. Fetches are made when a token needs them, one at a time; while the issuer's server fails,
 * nobody waits for it whose key is kept.
 */
export class RemoteKeys {
  readonly uri: string
  readonly #options: RemoteKeysOptions
  readonly #now: () => number
  #keys: readonly VerificationKey[] | undefined
  #fetchedAt = 0
  #notBefore = -Infinity
  #pending: Promise<void> | undefined
  #failure: string | undefined
  #failedAt = -Infinity

  constructor(uri: string, options: RemoteKeysOptions = {}) {
    this.uri = uri
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** The keys as last fetched: another list after each fetch, undefined when another one is due. */
  get fresh(): readonly VerificationKey[] | undefined {
    return this.#age() < FRESH_MS ? this.#keys : undefined
  }

  /** Why the last fetch failed; undefined when it did not. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** The keys that a token may be signed with; undefined when there are no keys, nor to be had. */
  async find(header: TokenHeader): Promise<readonly VerificationKey[] | undefined> {
    if (this.fresh === undefined) {
      const renewal = this.#renew()
      if (this.#usable() === undefined || !this.#isFailing()) await renewal
    }
    const found = this.#select(header)
    if (found?.length !== 0) return found
    await this.#renew()
    return this.#select(header)
  }

  #select(header: TokenHeader): readonly VerificationKey[] | undefined {
    const keys = this.#usable()
    return keys === undefined ? undefined : findKeys(keys, header)
  }

  #usable(): readonly VerificationKey[] | undefined {
    return this.#age() < STALE_MS ? this.#keys : undefined
  }

  #age(): number {
    return this.#now() - this.#fetchedAt
  }

  #isFailing(): boolean {
    return this.#now() - this.#failedAt < FAILING_MS
  }

  /** Joins the fetch under way, or begins one if that is allowed by now. */
  #renew(): Promise<void> | undefined {
    if (this.#pending === undefined && this.#now() >= this.#notBefore) {
      this.#pending = this.#fetch().finally(() => (this.#pending = undefined))
    }
    return this.#pending
  }

  async #fetch(): Promise<void> {
    const startedAt = this.#now()
    try {
      this.#keys = await fetchKeySet(this.uri, this.#options.timeout ?? 5_000)
      this.#fetchedAt = startedAt
      this.#failure = undefined
      this.#failedAt = -Infinity
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error)
      this.#failedAt = this.#now()
      this.#options.onFailure?.(this.uri, this.#failure)
    }
    this.#notBefore = startedAt + (this.#usable() === undefined ? RETRY_MS : COOLDOWN_MS)
  }
}
