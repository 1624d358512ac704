import { isIPv4 } from 'node:net'
import * as z from 'zod'
import { parseIPv6 } from './address.ts'

/** Length of the prefix that marks IPv4-mapped IPv6 addresses, in bits. */
const MAPPED_BITS = 96

/** A block of addresses; a single address is a block of one. */
export interface Cidr {
  /** IPv4 in dotted decimal, or IPv6 by RFC 5952; bits beyond the prefix are ignored. */
  readonly address: string
  readonly family: 4 | 6
  /** Number of leading bits that all addresses of the block share: 0–32 or 0–128. */
  readonly prefix: number
}

/** An IP address or CIDR block (RFC 4632, RFC 4291). IPv4-mapped IPv6 becomes IPv4. */
export const Cidr = z
  .string()
  .transform((text, context) => {
    const cidr = parseCidr(text)
    if (cidr !== undefined) return cidr
    context.addIssue('expected an IP address or CIDR block, e.g. "10.0.0.0/8", "::1"')
    return z.NEVER
  })
  .meta({ description: 'An IP address or CIDR block, e.g. "192.0.2.1", "10.0.0.0/8", "fd00::/8".' })

/** Parses an IP address or CIDR block as {@link Cidr} does; undefined for other text. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  const address = slash === -1 ? text : text.slice(0, slash)
  const prefix = slash === -1 ? undefined : text.slice(slash + 1)
  return isIPv4(address) ? ipv4Block(address, prefix) : ipv6Block(address, prefix)
}

function ipv4Block(address: string, prefixText: string | undefined): Cidr | undefined {
  const prefix = parsePrefix(prefixText, 32)
  return prefix === undefined ? undefined : { address, family: 4, prefix }
}

function ipv6Block(address: string, prefixText: string | undefined): Cidr | undefined {
  const parsed = parseIPv6(address)
  const prefix = parsePrefix(prefixText, 128)
  if (parsed === undefined || prefix === undefined) return undefined
  if (!parsed.isIPv4MappedAddress() || prefix < MAPPED_BITS) {
    return { address: parsed.toRFC5952String(), family: 6, prefix }
  }
  return { address: parsed.toIPv4Address().toString(), family: 4, prefix: prefix - MAPPED_BITS }
}

function parsePrefix(text: string | undefined, bits: number): number | undefined {
  if (text === undefined) return bits
  return /^(?:0|[1-9]\d{0,2})$/.test(text) && Number(text) <= bits ? Number(text) : undefined
}
