import { AddressSet, Cidr, normalizeAddress } from '@reliw/options'

/** IPv4 blocks that lead to this host or its networks, are multicast, or are reserved (IANA, RFC 6890). */
const IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // Includes the cloud metadata service, 169.254.169.254.
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4'
]

const IPV6 = [
  // `::`, `::1`, and the deprecated IPv4-compatible addresses.
  '::/96',
  '64:ff9b:1::/48',
  // Teredo, which embeds an IPv4 address in obfuscated form (RFC 4380).
  '2001::/32',
  // Includes a cloud metadata service, fd00:ec2::254.
  'fc00::/7',
  'fe80::/10',
  // Site-local until RFC 3879.
  'fec0::/10',
  'ff00::/8'
]

const PRIVATE = new AddressSet(
  [...IPV4, ...IPV6, ...IPV4.flatMap(embedded)].map((block) => Cidr.parse(block))
)

/**
 * Whether an address is not public: loopback, private, shared, link-local, multicast, reserved, or an IPv6 address that
 * stands for such an IPv4 address. Invalid addresses count as private.
 */
export function isPrivate(address: string): boolean {
  return normalizeAddress(address) === undefined || PRIVATE.has(address)
}

/**
 * An IPv4 block as written by NAT64 (RFC 6052), SIIT (RFC 2765) and 6to4 (RFC 3056). IPv4-mapped addresses count as
 * IPv4.
 */
function embedded(block: string): string[] {
  const { address, prefix } = Cidr.parse(block)
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
  const groups = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  return [
    `64:ff9b::${groups}/${96 + prefix}`,
    `::ffff:0:${groups}/${96 + prefix}`,
    `2002:${groups}::/${16 + prefix}`
  ]
}
