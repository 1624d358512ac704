import { isIPv4 } from 'node:net'
import { normalizeAddress, parseIPv6, toUint128, toUint32 } from './address.ts'
import type { Cidr } from './cidr.ts'

/** Maximum number of memoized lookups; beyond it, all are dropped. */
const MEMO_ENTRIES = 1_024
/** Length of the longest spelling of an address, in characters; longer texts are not memoized. */
const MEMO_LENGTH = 45

interface Range<T extends number | bigint> {
  readonly first: T
  last: T
}

/** A set of IP addresses, given as blocks. Immutable; a lookup takes time logarithmic in the number of blocks. */
export class AddressSet {
  readonly #ipv4: readonly Range<number>[]
  readonly #ipv6: readonly Range<bigint>[]
  readonly #memo = new Map<string, boolean>()

  constructor(blocks: readonly Cidr[]) {
    this.#ipv4 = merge(blocks.filter(({ family }) => family === 4).map(ipv4Range))
    this.#ipv6 = merge(blocks.filter(({ family }) => family === 6).map(ipv6Range))
  }

  /** Whether the set contains no address. */
  get isEmpty(): boolean {
    return this.#ipv4.length === 0 && this.#ipv6.length === 0
  }

  /**
   * Whether the set contains an address. IPv4-mapped IPv6 is looked up as IPv4, a zone is ignored, and text that is not
   * an address is in no set.
   */
  has(ip: string): boolean {
    if (this.isEmpty) return false
    const known = this.#memo.get(ip)
    if (known !== undefined) return known
    const found = this.#find(ip)
    if (this.#memo.size >= MEMO_ENTRIES) this.#memo.clear()
    if (ip.length <= MEMO_LENGTH) this.#memo.set(ip, found)
    return found
  }

  #find(ip: string): boolean {
    const address = normalizeAddress(ip)
    if (address === undefined) return false
    if (isIPv4(address)) return covers(this.#ipv4, toUint32(address))
    const ipv6 = parseIPv6(address)
    return ipv6 !== undefined && covers(this.#ipv6, toUint128(ipv6))
  }
}

function ipv4Range({ address, prefix }: Cidr): Range<number> {
  const size = 2 ** (32 - prefix)
  const first = Math.floor(toUint32(address) / size) * size
  return { first, last: first + size - 1 }
}

function ipv6Range({ address, prefix }: Cidr): Range<bigint> {
  const parsed = parseIPv6(address)
  if (parsed === undefined) throw new TypeError(`not an IPv6 address: ${address}`)
  const hostBits = BigInt(128 - prefix)
  const first = (toUint128(parsed) >> hostBits) << hostBits
  return { first, last: first + (1n << hostBits) - 1n }
}

function merge<T extends number | bigint>(ranges: Range<T>[]): Range<T>[] {
  const merged: Range<T>[] = []
  for (const range of ranges.toSorted((a, b) => (a.first < b.first ? -1 : 1))) {
    const previous = merged.at(-1)
    if (previous === undefined || range.first > previous.last) merged.push(range)
    else if (range.last > previous.last) previous.last = range.last
  }
  return merged
}

function covers<T extends number | bigint>(ranges: readonly Range<T>[], address: T): boolean {
  let low = 0
  let high = ranges.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const range = ranges[middle]
    if (range === undefined || address < range.first) high = middle - 1
    else if (address > range.last) low = middle + 1
    else return true
  }
  return false
}
