import { LRUCache } from 'lru-cache'
import type { Identity } from '../identity.ts'

/** Of all kept tokens together: about as many bytes. */
const MOST_CHARACTERS = 4_194_304
/** A token counts as no shorter, which bounds their number at 9,986. A `max` would reserve room for them at once. */
const LEAST_CHARACTERS = 420
const LONGEST_MS = 60_000

interface KeptToken {
  readonly identity: Identity
  /** What its key was from. */
  readonly source: object
  /** Epoch milliseconds. */
  readonly until: number
}

/**
 * Tokens that were verified a moment ago: verifying costs 50 to 140 µs, finding it about 1 µs.
 * One is kept for at most 60 s and not past its own end, and counts only while the keys are the same.
 * The oldest goes first. Only tokens that are valid get in here.
 */
export class KeptTokens {
  /** In the order in which they were kept: finding one does not move it. */
  readonly #tokens = new LRUCache<string, KeptToken>({
    maxSize: MOST_CHARACTERS,
    sizeCalculation: (_, token) => Math.max(token.length, LEAST_CHARACTERS)
  })

  /** How many are kept. */
  get size(): number {
    return this.#tokens.size
  }

  /**
   * @param source where keys are from now; undefined when that is in doubt
   * @param now in epoch milliseconds
   */
  find(token: string, source: object | undefined, now: number): Identity | undefined {
    const kept = this.#tokens.peek(token)
    return kept !== undefined && kept.source === source && now < kept.until
      ? kept.identity
      : undefined
  }

  /** @param end when the token ends by itself, in epoch milliseconds */
  keep(token: string, identity: Identity, source: object, end: number, now: number): void {
    const until = Math.min(end, now + LONGEST_MS)
    if (until <= now) return void this.#tokens.delete(token)
    this.#tokens.set(token, { identity, source, until })
    this.#dropExpired(now)
  }

  /** What expired is dropped where it stands in front: the age of the others is bounded by the size. */
  #dropExpired(now: number): void {
    for (const token of this.#tokens.rkeys()) {
      if ((this.#tokens.peek(token)?.until ?? 0) > now) return
      this.#tokens.delete(token)
    }
  }
}
