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

/** Blocks of a set to be. A long list is added in parts, with pauses for other work between them. */
export class AddressRanges {
  readonly ipv4: Range<number>[] = []
  readonly ipv6: Range<bigint>[] = []

  add(block: Cidr): void {
    if (block.family === 4) this.ipv4.push(ipv4Range(block))
    else this.ipv6.push(ipv6Range(block))
  }
}

/** A set of IP addresses, given as blocks. Immutable; a lookup takes time logarithmic in the number of blocks. */
export class AddressSet {
  readonly #ipv4: readonly Range<number>[]
  readonly #ipv6: readonly Range<bigint>[]
  readonly #memo = new Map<string, boolean>()

  constructor(blocks: readonly Cidr[] | AddressRanges) {
    const ranges = blocks instanceof AddressRanges ? blocks : rangesOf(blocks)
    this.#ipv4 = merge(ranges.ipv4)
    this.#ipv6 = merge(ranges.ipv6)
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

  /** Whether the set contains every address of a block. */
  covers(block: Cidr): boolean {
    if (block.family === 4) return spans(this.#ipv4, ipv4Range(block))
    return spans(this.#ipv6, ipv6Range(block))
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

function rangesOf(blocks: readonly Cidr[]): AddressRanges {
  const ranges = new AddressRanges()
  for (const block of blocks) ranges.add(block)
  return ranges
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
  return rangeWith(ranges, address) !== undefined
}

/** Whether one merged range, or several that follow one another without a gap, contain a whole range. */
function spans<T extends number | bigint>(
  ranges: readonly Range<T>[],
  { first, last }: Range<T>
): boolean {
  let at = first
  for (;;) {
    const range = rangeWith(ranges, at)
    if (range === undefined) return false
    if (range.last >= last) return true
    at = next(range.last)
  }
}

function next<T extends number | bigint>(address: T): T {
  if (typeof address === 'bigint') return (address + 1n) as T
  return typeof address === 'number' ? ((address + 1) as T) : address
}

function rangeWith<T extends number | bigint>(
  ranges: readonly Range<T>[],
  address: T
): Range<T> | undefined {
  let low = 0
  let high = ranges.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const range = ranges[middle]
    if (range === undefined || address < range.first) high = middle - 1
    else if (address > range.last) low = middle + 1
    else return range
  }
  return undefined
}
