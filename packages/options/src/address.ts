import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Length of the longest IPv6 address, one with a dotted IPv4 tail, in characters. */
const LONGEST = 45

/**
 * The canonical spelling of an IP address, so that equal addresses are equal strings: IPv4 in dotted decimal, IPv6 by
 * RFC 5952, IPv4-mapped IPv6 (`::ffff:1.2.3.4`) as IPv4. A zone (`fe80::1%eth0`) is meaningful only on this machine and
 * is dropped.
 *
 * Returns undefined for text that is not an address.
 */
export function normalizeAddress(text: string): string | undefined {
  if (isIPv4(text)) return text
  const zone = text.indexOf('%')
  const parsed = parseIPv6(zone === -1 ? text : text.slice(0, zone))
  if (parsed === undefined) return undefined
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String()
}

/** Parses an IPv6 address without brackets and zone; undefined when the text is not one. */
export function parseIPv6(text: string): ipaddr.IPv6 | undefined {
  if (text.length > LONGEST || !isIPv6(text) || text.includes('%')) return undefined
  try {
    return ipaddr.IPv6.parse(withoutDots(text))
  } catch {
    return undefined
  }
}

/** The 32 bits of a valid IPv4 address as a number. */
export function toUint32(ipv4: string): number {
  let value = 0
  for (const octet of ipv4.split('.')) value = value * 256 + Number(octet)
  return value
}

/**
 * The 4 bytes of an IPv4 address, or the 16 of an IPv6 address without zone.
 *
 * @throws TypeError for text that is not an address
 */
export function addressBytes(address: string): readonly number[] {
  if (isIPv4(address)) return address.split('.').map(Number)
  const parsed = parseIPv6(address)
  if (parsed === undefined) throw new TypeError(`not an IP address: ${address}`)
  return parsed.toByteArray()
}

/** The 128 bits of a parsed IPv6 address. */
export function toUint128(ipv6: ipaddr.IPv6): bigint {
  let value = 0n
  for (const part of ipv6.parts) value = (value << 16n) | BigInt(part)
  return value
}

/**
 * Rewrites a dotted tail as two groups: ipaddr.js would parse the deprecated `::1.2.3.4` (RFC 4291, section 2.5.5.1) as
 * the IPv4-mapped `::ffff:1.2.3.4`, a different address.
 */
function withoutDots(ipv6: string): string {
  if (!ipv6.includes('.')) return ipv6
  const tail = ipv6.lastIndexOf(':') + 1
  const bits = toUint32(ipv6.slice(tail))
  return `${ipv6.slice(0, tail)}${(bits >>> 16).toString(16)}:${(bits & 0xffff).toString(16)}`
}
