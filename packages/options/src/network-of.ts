import { isIPv4 } from 'node:net'
import { normalizeAddress } from './address.ts'

/** Length of the prefix that one customer's IPv6 addresses share, in bits (RFC 6177: at least a /64). */
const CLIENT_PREFIX = 64

/**
 * The block by which a client is counted and banned: its IPv4 address, or the /64 of its IPv6 address, the smallest
 * network that one customer has. Undefined for text that is not an address.
 */
export function clientBlock(ip: string): string | undefined {
  const address = normalizeAddress(ip)
  if (address === undefined || isIPv4(address)) return address
  return `${networkOf(address, CLIENT_PREFIX)}/${CLIENT_PREFIX}`
}

/**
 * The first address of the network that contains an address.
 *
 * @param address as `normalizeAddress` returns it
 * @param prefix length of the prefix in bits: 0–32 or 0–128
 */
export function networkOf(address: string, prefix: number): string {
  if (isIPv4(address)) return keepBits(address.split('.').map(Number), 8, prefix).join('.')
  const groups = keepBits(ipv6Groups(address), 16, prefix)
  return normalizeAddress(groups.map((group) => group.toString(16)).join(':')) ?? address
}

/** Zeroes all but the leading bits of a number given in parts of `width` bits. */
function keepBits(parts: readonly number[], width: number, prefix: number): number[] {
  return parts.map((part, at) => {
    const dropped = Math.min(Math.max((at + 1) * width - prefix, 0), width)
    return (part >>> dropped) << dropped
  })
}

function ipv6Groups(address: string): number[] {
  const [head = [], tail = []] = address.split('::').map(readGroups)
  const zeroes = Array.from({ length: 8 - head.length - tail.length }, () => 0)
  return [...head, ...zeroes, ...tail]
}

function readGroups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}
