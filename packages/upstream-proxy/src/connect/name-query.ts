import type { LookupAddress } from 'node:dns'
import { lookup, type Resolver } from 'node:dns/promises'

/** The addresses of a name. */
export interface Resolution {
  /** At least one. */
  readonly addresses: readonly LookupAddress[]
  /** The time to live in milliseconds, undefined when unknown. May settle later than the addresses; never rejects. */
  readonly ttl: Promise<number | undefined>
}

interface AddressRecord extends LookupAddress {
  /** In milliseconds. */
  readonly ttl: number
}

/**
 * Queries the system, with its hosts file, search domains and so on. The system does not report a time to live, so DNS
 * is queried as well, and its time to live used for the addresses that both report. Rejects when the system has no
 * address.
 */
export async function querySystem(name: string, dns: Resolver): Promise<Resolution> {
  const records = readRecords(name, dns)
  const addresses = await lookup(name, { all: true })
  const known = new Set(addresses.map(({ address }) => address))
  const ttl = records.then(([found]) => shortest(found.filter(({ address }) => known.has(address))))
  return { addresses, ttl }
}

/** Queries DNS servers only, for A and AAAA records. Rejects when there are none. */
export async function queryServers(name: string, dns: Resolver): Promise<Resolution> {
  const [records, failure] = await readRecords(name, dns)
  if (records.length === 0) throw failure
  const addresses = records.map(({ address, family }) => ({ address, family }))
  return { addresses, ttl: Promise.resolve(shortest(records)) }
}

/** Never rejects: the second value is the reason why there are no records. */
async function readRecords(
  name: string,
  dns: Resolver
): Promise<[records: AddressRecord[], failure: unknown]> {
  const [ipv4, ipv6] = await Promise.allSettled([
    dns.resolve4(name, { ttl: true }),
    dns.resolve6(name, { ttl: true })
  ])
  const records: AddressRecord[] = []
  for (const [result, family] of [[ipv4, 4] as const, [ipv6, 6] as const]) {
    if (result.status === 'rejected') continue
    for (const { address, ttl } of result.value) records.push({ address, family, ttl: ttl * 1000 })
  }
  return [records, ipv4.status === 'rejected' ? ipv4.reason : undefined]
}

function shortest(records: readonly AddressRecord[]): number | undefined {
  return records.length === 0 ? undefined : Math.min(...records.map(({ ttl }) => ttl))
}
