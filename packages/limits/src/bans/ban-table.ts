import { networkOf, normalizeAddress } from '@reliw/options'
import { parseBlock, type Block } from './block.ts'

/** Maximum number of memoized lookups; beyond it, all are dropped. */
const MEMO_ENTRIES = 1024
/** Length of the longest spelling of an address, in characters; longer texts are not memoized. */
const MEMO_LENGTH = 45

/**
 * The banned addresses and blocks, with the end of each ban. An address that is banned by itself takes one map lookup;
 * an address within a banned block takes one memo lookup, or else one map lookup per prefix length in use.
 *
 * Changing a block costs no more than changing an address: floods are banned by /64, so there may be thousands of
 * blocks that change all the time.
 */
export class BanTable {
  readonly #max: number
  /** Bans in canonical spelling: text → end in epoch milliseconds. */
  readonly #ends = new Map<string, number>()
  /** Bans in another spelling: canonical text → text as written → end in epoch milliseconds. */
  readonly #others = new Map<string, Map<string, number>>()
  /** Number of bans by prefix length, for prefixes shorter than a whole address. */
  readonly #prefixes = { 4: new Map<number, number>(), 6: new Map<number, number>() }
  readonly #memo = new Map<string, number>()
  #size = 0
  #overflow = false
  /**
   * Whether an IPv4 address needs only the lookup by its own text: no IPv4 blocks and no other spellings are in the
   * table.
   */
  #isPlain = true

  /** @param max maximum number of bans */
  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#size
  }

  /** Whether a ban was dropped because the table was full. */
  get overflow(): boolean {
    return this.#overflow
  }

  /** Whether an address, in any spelling, is banned now. */
  has(ip: string): boolean {
    if (this.#size === 0) return false
    const end = this.#ends.get(ip)
    if (end !== undefined && end > Date.now()) return true
    if (this.#isPlain && !ip.includes(':')) return false
    return this.#endFor(ip) > Date.now()
  }

  /**
   * Adds a ban of the address or block that `text` names, in any spelling, or changes when it ends. Ignores `text` that
   * is neither, and drops the ban when the table is full.
   *
   * @param end epoch milliseconds; Infinity: for ever
   */
  set(text: string, end: number): void {
    const block = parseBlock(text)
    if (block === undefined) return
    const ends = this.#endsOf(block, text)
    if (!ends.has(text)) {
      if (this.#size >= this.#max) {
        this.#overflow = true
        return
      }
      if (ends !== this.#ends) this.#others.set(block.text, ends)
      this.#count(block, 1)
    }
    ends.set(text, end)
    this.#memo.clear()
  }

  /** Removes the ban with this exact spelling. */
  delete(text: string): void {
    const block = parseBlock(text)
    if (block === undefined) return
    const ends = this.#endsOf(block, text)
    if (!ends.delete(text)) return
    if (ends !== this.#ends && ends.size === 0) this.#others.delete(block.text)
    this.#count(block, -1)
    this.#memo.clear()
  }

  #endsOf(block: Block, text: string): Map<string, number> {
    if (text === block.text) return this.#ends
    return this.#others.get(block.text) ?? new Map<string, number>()
  }

  #count({ family, prefix, isSingle }: Block, by: number): void {
    this.#size += by
    if (!isSingle) {
      const prefixes = this.#prefixes[family]
      const count = (prefixes.get(prefix) ?? 0) + by
      if (count > 0) prefixes.set(prefix, count)
      else prefixes.delete(prefix)
    }
    this.#isPlain = this.#others.size === 0 && this.#prefixes[4].size === 0
  }

  #endFor(ip: string): number {
    const known = this.#memo.get(ip)
    if (known !== undefined) return known
    const end = this.#find(ip)
    if (this.#memo.size >= MEMO_ENTRIES) this.#memo.clear()
    if (ip.length <= MEMO_LENGTH) this.#memo.set(ip, end)
    return end
  }

  /** When the last of all bans that cover an address ends, in epoch milliseconds; 0 when there is none. */
  #find(ip: string): number {
    const address = normalizeAddress(ip)
    if (address === undefined) return 0
    let end = this.#endOf(address)
    for (const prefix of this.#prefixes[address.includes(':') ? 6 : 4].keys()) {
      end = Math.max(end, this.#endOf(`${networkOf(address, prefix)}/${prefix}`))
    }
    return end
  }

  #endOf(block: string): number {
    let end = this.#ends.get(block) ?? 0
    for (const other of this.#others.get(block)?.values() ?? []) end = Math.max(end, other)
    return end
  }
}
