import { networkOf, normalizeAddress } from '@reliw/options'
import { parseBlock, type Block } from './block.ts'

/** How many answers are remembered before all are forgotten. */
const MEMO_ENTRIES = 1024
/** Texts longer than any address are not worth remembering. */
const MEMO_LENGTH = 45

/**
 * Which addresses are banned until when. An address that is banned as such is found by one look into
 * a map; one that a block bans by the answer remembered, else by one look per length of prefix.
 *
 * A change of a block costs no more than one of an address: floods are banned by /64, so there may be
 * thousands of blocks, and they change all the time.
 */
export class BanTable {
  readonly #max: number
  /** Bans written the one way, by their text → when they end, in epoch milliseconds. */
  readonly #ends = new Map<string, number>()
  /** Bans written another way, by the one way → their text → when they end. */
  readonly #others = new Map<string, Map<string, number>>()
  /** How many bans there are of each prefix that is shorter than an address. */
  readonly #prefixes = { 4: new Map<number, number>(), 6: new Map<number, number>() }
  readonly #memo = new Map<string, number>()
  #size = 0
  #overflow = false
  /** Whether the plain spelling of an IPv4 address finds all there is about it. */
  #isPlain = true

  /** @param max how many bans there may be */
  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#size
  }

  /** Whether a ban was left out because there was no room. */
  get overflow(): boolean {
    return this.#overflow
  }

  /** Whether an address is banned now; any spelling of it will do. */
  has(ip: string): boolean {
    if (this.#size === 0) return false
    const end = this.#ends.get(ip)
    if (end !== undefined && end > Date.now()) return true
    if (this.#isPlain && !ip.includes(':')) return false
    return this.#endFor(ip) > Date.now()
  }

  /**
   * Bans what `text` names, in any spelling, or changes until when. What is no address, or finds no room,
   * is left out.
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

  /** Ends the ban that is written so. */
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

  /** When the last of all bans of an address ends; 0: there is none. */
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
