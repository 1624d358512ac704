import { Cidr, networkOf } from '@reliw/options'

/** A range of addresses that is banned as one. */
export interface Block {
  /** The canonical spelling: the address alone, or the first address, `/` and the prefix length. */
  readonly text: string
  readonly family: 4 | 6
  /** Number of leading bits that its addresses share: 0–32 or 0–128. */
  readonly prefix: number
  /** Whether it is a single address. */
  readonly isSingle: boolean
}

/** Parses an address or CIDR block in any spelling; undefined when the text is neither. */
export function parseBlock(text: string): Block | undefined {
  const parsed = Cidr.safeParse(text)
  return parsed.success ? toBlock(parsed.data) : undefined
}

/** The canonical block of a parsed CIDR: bits beyond the prefix are dropped. */
export function toBlock({ address, family, prefix }: Cidr): Block {
  const isSingle = prefix === (family === 4 ? 32 : 128)
  const text = isSingle ? address : `${networkOf(address, prefix)}/${prefix}`
  return { text, family, prefix, isSingle }
}
