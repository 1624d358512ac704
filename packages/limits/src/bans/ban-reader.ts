import type { Store } from '@reliw/model'
import { parseBlock } from './block.ts'
import { fetchBan } from './stored-ban.ts'

/** Mistakes that are told until `startAnew` is called: a store may be full of them. */
const MAX_MISTAKES = 100

/** Told of a key that names no address, and of a ban whose value is wrong, which holds all the same. */
export type BanRejected = (key: string, mistake: string) => void

/** What the store has under a key. */
export interface FoundBan {
  /** What the key names. */
  readonly text: string
  /** When the ban ends, in epoch milliseconds; Infinity: never; undefined: there is none. */
  readonly end: number | undefined
}

/** Reads bans, and tells what is wrong with them. */
export class BanReader {
  readonly #store: Pick<Store, 'driver' | 'keys'>
  readonly #rejected: BanRejected | undefined
  #mistakes = 0

  constructor(store: Pick<Store, 'driver' | 'keys'>, rejected: BanRejected | undefined) {
    this.#store = store
    this.#rejected = rejected
  }

  /** From now on mistakes are told again that were told before. */
  startAnew(): void {
    this.#mistakes = 0
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
      this.#tell(key, 'it names neither an IP address nor a CIDR block')
      return { text, end: undefined }
    }
    const { left, mistake } = stored
    if (mistake !== undefined) this.#tell(key, mistake)
    return { text, end: left === undefined ? Infinity : Date.now() + left }
  }

  #tell(key: string, mistake: string): void {
    this.#mistakes += 1
    if (this.#mistakes <= MAX_MISTAKES) this.#rejected?.(key, mistake)
  }
}
