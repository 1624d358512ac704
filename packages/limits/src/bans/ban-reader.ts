import type { Store } from '@reliw/model'
import { parseBlock } from './block.ts'
import { fetchBan } from './stored-ban.ts'

/** Maximum number of validation issues reported until `reset` is called: a store may be full of invalid bans. */
const MAX_ISSUES = 100

/**
 * Called for a key that names neither an address nor a block, and for a ban with an invalid value, which stays in
 * force.
 */
export type BanRejected = (key: string, issue: string) => void

/** The ban stored under a key. */
export interface FoundBan {
  /** The address or block as the key spells it. */
  readonly text: string
  /** When the ban ends, in epoch milliseconds. Infinity: never. Undefined: there is no ban. */
  readonly end: number | undefined
}

/** Reads bans and reports their validation issues. */
export class BanReader {
  readonly #store: Pick<Store, 'driver' | 'keys'>
  readonly #rejected: BanRejected | undefined
  #issues = 0

  constructor(store: Pick<Store, 'driver' | 'keys'>, rejected: BanRejected | undefined) {
    this.#store = store
    this.#rejected = rejected
  }

  /** Resets the limit on reported issues, so that issues reported before are reported again. */
  reset(): void {
    this.#issues = 0
  }

  /** @throws StoreUnavailable, or WriteFailed where Redis refuses */
  async read(keys: readonly string[]): Promise<FoundBan[]> {
    return Promise.all(keys.map((key) => this.#readOne(key)))
  }

  async #readOne(key: string): Promise<FoundBan> {
    const text = key.slice(this.#store.keys.bans().length)
    const stored = await fetchBan(this.#store, key)
    if (stored === undefined) return { text, end: undefined }
    if (parseBlock(text) === undefined) {
      this.#report(key, 'it names neither an IP address nor a CIDR block')
      return { text, end: undefined }
    }
    const { left, issue } = stored
    if (issue !== undefined) this.#report(key, issue)
    return { text, end: left === undefined ? Infinity : Date.now() + left }
  }

  #report(key: string, issue: string): void {
    this.#issues += 1
    if (this.#issues <= MAX_ISSUES) this.#rejected?.(key, issue)
  }
}
