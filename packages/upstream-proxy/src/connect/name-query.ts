import type { LookupAddress } from 'node:dns'
import { lookup, type Resolver } from 'node:dns/promises'

/** What a name stands for. */
export interface Resolution {
  /** One at least. */
  readonly addresses: readonly LookupAddress[]
  /** Milliseconds for which they may be kept, undefined when unknown. May come later; never rejects. */
  readonly ttl: Promise<number | undefined>
}

interface AddressRecord extends LookupAddress {
  /** In milliseconds. */
  readonly ttl: number
}

/**
 * Asks the system: hosts file, search domains, whatever it is set up with. It tells no time to live; so DNS
 * is asked for that beside it, and believed when both speak of the same addresses. Rejects when the system
 * knows no address.
 */
export async function askSystem(name: string, dns: Resolver): Promise<Resolution> {
  const records = readRecords(name, dns)
  const addresses = await lookup(name, { all: true })
  const known = new Set(addresses.map(({ address }) => address))
  const ttl = records.then(([found]) => shortest(found.filter(({ address }) => known.has(address))))
  return { addresses, ttl }
}

/** Asks DNS servers only, for A and AAAA records. Rejects when there are none. */
export async function askServers(name: string, dns: Resolver): Promise<Resolution> {
  const [records, failure] = await readRecords(name, dns)
  if (records.length === 0) throw failure
  const addresses = records.map(({ address, family }) => ({ address, family }))
  return { addresses, ttl: Promise.resolve(shortest(records)) }
}

/** Never rejects: the second value says why there are no records. */
async function readRecords(
  name: string,
  dns: Resolver
): Promise<[records: AddressRecord[], failure: unknown]> {
  const [ipv4, ipv6] = await Promise.allSettled([
    dns.resolve4(name, { ttl: true }),
    dns.resolve6(name, { ttl: true })
  ])
  const records: AddressRecord[] = []
  for (const [answer, family] of [[ipv4, 4] as const, [ipv6, 6] as const]) {
    if (answer.status === 'rejected') continue
    for (const { address, ttl } of answer.value) records.push({ address, family, ttl: ttl * 1000 })
  }
  return [records, ipv4.status === 'rejected' ? ipv4.reason : undefined]
}

function shortest(records: readonly AddressRecord[]): number | undefined {
  return records.length === 0 ? undefined : Math.min(...records.map(({ ttl }) => ttl))
}
