import type { LookupAddress } from 'node:dns'
import { setTimeout as delay } from 'node:timers/promises'
import type { Resolution } from './name-query.ts'

/** How long addresses are fresh, in milliseconds: the default, the minimum and the maximum. */
const DEFAULT_TTL = 30_000
const MIN_TTL = 1000
const MAX_TTL = 300_000
/** Number of times to live for which addresses are used while new ones are being resolved. */
const USABLE_TTLS = 3
/** How long a failure, or a resolution whose addresses did not work, is kept; in milliseconds. */
const PAUSE = 1000
/** How long to wait for new addresses when there are old ones, in milliseconds. */
const PATIENCE = 1000
/** Maximum number of addresses kept; a DNS response may hold thousands. */
const MAX_ADDRESSES = 64

/** A name and its cached addresses. */
export class KnownName {
  readonly #resolve: () => Promise<Resolution>
  readonly #now: () => number
  /** The latest addresses; empty until the first success. */
  #addresses: readonly LookupAddress[] = []
  #failure: unknown
  #freshUntil = -Infinity
  #usableUntil = -Infinity
  /** Time of the last resolution, successful or not. */
  #resolvedAt = -Infinity
  /** Settles, and never rejects, when the name is resolved or there is no point in waiting longer. */
  #pending: Promise<unknown> | undefined
  #turn = 0

  /**
   * @param resolve rejects when the name cannot be resolved
   * @param now a clock, in milliseconds
   */
  constructor(resolve: () => Promise<Resolution>, now: () => number) {
    this.#resolve = resolve
    this.#now = now
  }

  /** The addresses, rotated at each call. Rejects with the error of `resolve` when there are none. */
  lookup(): readonly LookupAddress[] | Promise<readonly LookupAddress[]> {
    const now = this.#now()
    if (now < this.#freshUntil) return this.#rotated()
    const pending = (this.#pending ??= this.#renew())
    return now < this.#usableUntil ? this.#rotated() : pending.then(() => this.#rotated())
  }

  /**
   * No address could be connected to: the next call waits for new ones, unless these have just been resolved or new
   * ones are on the way.
   */
  forget(): void {
    if (this.#pending !== undefined || this.#now() - this.#resolvedAt < PAUSE) return
    this.#freshUntil = this.#usableUntil = -Infinity
  }

  async #renew(): Promise<unknown> {
    const renewal = this.#resolve().then(
      (resolution) => this.#keep(resolution),
      (error: unknown) => this.#fail(error)
    )
    if (this.#addresses.length === 0) return renewal
    return Promise.race([renewal, delay(PATIENCE, undefined, { ref: false })])
  }

  #keep({ addresses, ttl }: Resolution): void {
    this.#settle()
    this.#addresses = addresses.slice(0, MAX_ADDRESSES)
    this.#keepFor(DEFAULT_TTL)
    void this.#keepForTtl(ttl)
  }

  async #keepForTtl(ttl: Promise<number | undefined>): Promise<void> {
    const until = this.#freshUntil
    const ms = await ttl
    if (ms !== undefined && until === this.#freshUntil) this.#keepFor(ms)
  }

  #keepFor(ttl: number): void {
    const ms = Math.min(Math.max(ttl, MIN_TTL), MAX_TTL)
    this.#freshUntil = this.#resolvedAt + ms
    this.#usableUntil = this.#resolvedAt + ms * USABLE_TTLS
  }

  #fail(error: unknown): void {
    this.#settle()
    this.#failure = error
    this.#freshUntil = this.#resolvedAt + PAUSE
    // Old addresses are better than none.
    this.#usableUntil = this.#addresses.length === 0 ? -Infinity : Infinity
  }

  #settle(): void {
    this.#pending = undefined
    this.#resolvedAt = this.#now()
  }

  #rotated(): readonly LookupAddress[] | Promise<never> {
    const [first] = this.#addresses
    if (first === undefined) return Promise.reject(this.#failure)
    if (this.#addresses.length === 1) return this.#addresses
    const turn = this.#turn++
    // The address family that the system puts first stays first: the system knows which one has a route.
    const { same = [], other = [] } = Object.groupBy(this.#addresses, ({ family }) =>
      family === first.family ? 'same' : 'other'
    )
    return [...rotate(same, turn), ...rotate(other, turn)]
  }
}

function rotate<T>(list: readonly T[], turn: number): T[] {
  const start = list.length === 0 ? 0 : turn % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}
