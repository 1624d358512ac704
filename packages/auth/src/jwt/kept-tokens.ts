import type { Identity } from '../identity.ts'

const MOST_TOKENS = 10_000
/** Of all kept tokens together: about as many bytes. */
const MOST_CHARACTERS = 4_194_304
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
  readonly #tokens = new Map<string, KeptToken>()
  #characters = 0

  /** How many are kept. */
  get size(): number {
    return this.#tokens.size
  }

  /**
   * @param source where keys are from now; undefined when that is in doubt
   * @param now in epoch milliseconds
   */
  find(token: string, source: object | undefined, now: number): Identity | undefined {
    const kept = this.#tokens.get(token)
    return kept !== undefined && kept.source === source && now < kept.until
      ? kept.identity
      : undefined
  }

  /** @param end when the token ends by itself, in epoch milliseconds */
  keep(token: string, identity: Identity, source: object, end: number, now: number): void {
    this.#drop(token)
    const until = Math.min(end, now + LONGEST_MS)
    if (until <= now) return
    this.#tokens.set(token, { identity, source, until })
    this.#characters += token.length
    this.#makeRoom(now)
  }

  /** What expired is dropped where it stands in front: the age of the others is bounded by the size. */
  #makeRoom(now: number): void {
    for (const [token, { until }] of this.#tokens) {
      const isFull = this.#tokens.size > MOST_TOKENS || this.#characters > MOST_CHARACTERS
      if (!isFull && until > now) return
      this.#drop(token)
    }
  }

  #drop(token: string): void {
    if (this.#tokens.delete(token)) this.#characters -= token.length
  }
}
