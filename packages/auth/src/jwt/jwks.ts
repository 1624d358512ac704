import { fetchKeySet } from './fetch-key-set.ts'
import { findKeys } from './key-set.ts'
import type { TokenHeader } from './token-header.ts'
import type { VerificationKey } from './verification-key.ts'

export interface RemoteKeysOptions {
  /** Timeout of each fetch, in milliseconds. Default: 5,000. */
  timeout?: number
  /** Called after each failed fetch; the reason does not contain the address. Must not throw. */
  onFailure?: (uri: string, reason: string) => void
  /** A monotonic clock, in milliseconds. */
  now?: () => number
}

/** Keys older than this are fetched again: a key that the issuer removed is accepted no longer, unless fetches fail. */
const FRESH_MS = 600_000
/** Minimum time between two fetches, however many tokens name an unknown key. */
const COOLDOWN_MS = 30_000
/** The same while there are no keys. */
const RETRY_MS = 5_000
/** For this long after a failed fetch, a token whose key is cached does not wait for the next fetch. */
const FAILING_MS = 60_000
/** How long cached keys are accepted while fetches fail. */
const STALE_MS = 86_400_000

/**
 * The keys of an issuer that publishes and rotates them. Only a well-formed response replaces the cached keys. They are
 * fetched when a token needs them, one fetch at a time; while the issuer's server fails, tokens whose key is cached do
 * not wait for it.
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

  /** The keys as last fetched: a new list after each fetch, undefined once the next fetch is due. */
  get fresh(): readonly VerificationKey[] | undefined {
    return this.#age() < FRESH_MS ? this.#keys : undefined
  }

  /** Why the last fetch failed; undefined if it succeeded. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** The keys that a token may be signed with; undefined if no keys are available. */
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

  /** Joins the running fetch, or starts one if the minimum time has passed. */
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
