import { Cidr, networkOf } from '@reliw/options'

/** Addresses that are banned together. */
export interface Block {
  /** The one way to write it: an address alone, or the first address, `/` and the prefix. */
  readonly text: string
  readonly family: 4 | 6
  /** How many leading bits its addresses share: 0–32 or 0–128. */
  readonly prefix: number
  /** Whether it is a single address. */
  readonly isSingle: boolean
}

/** Reads an address or CIDR block in any spelling; undefined when it is neither. */
export function parseBlock(text: string): Block | undefined {
  const parsed = Cidr.safeParse(text)
  return parsed.success ? toBlock(parsed.data) : undefined
}

/** The block that a parsed one stands for: bits beyond its prefix are dropped. */
export function toBlock({ address, family, prefix }: Cidr): Block {
  const isSingle = prefix === (family === 4 ? 32 : 128)
  const text = isSingle ? address : `${networkOf(address, prefix)}/${prefix}`
  return { text, family, prefix, isSingle }
}
