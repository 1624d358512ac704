import type { AddressList, Clients, Live } from '@reliw/model'
import type { ClientSources } from './sources.ts'

/** Whether clients include an address; a string says why that is not known. */
export type Found = boolean | string

/**
 * Whether clients include an address. Synchronous once the data that it takes is in memory. Throws, or rejects, when a
 * list cannot be read.
 */
export function findClient(clients: Clients, ip: string, sources: ClientSources): Live<Found> {
  if (clients.addresses.has(ip)) return true
  const { lists, countries, asns } = clients
  if (lists.length === 0 && countries.size === 0 && asns.size === 0) return false
  return findElsewhere(clients, ip, sources)
}

function findElsewhere(clients: Clients, ip: string, sources: ClientSources): Live<Found> {
  const { lists, countries, asns } = clients
  const { country, asn } = sources
  let unknown: string | undefined
  for (const name of lists) {
    const list = sources.list(name)
    if (list instanceof Promise) return findWhenRead(clients, ip, sources)
    if (list?.has(ip) === true) return true
    if (list?.isComplete !== true) unknown = issueOfList(name, list)
  }
  if (countries.size > 0) {
    if (country.loading !== undefined) return findWhenRead(clients, ip, sources)
    if (country.issue !== undefined) unknown = country.issue
    else if (countries.has(country.find(ip) ?? '')) return true
  }
  if (asns.size > 0) {
    if (asn.loading !== undefined) return findWhenRead(clients, ip, sources)
    if (asn.issue !== undefined) unknown = asn.issue
    else if (asns.has(asn.find(ip) ?? -1)) return true
  }
  return unknown ?? false
}

/** Waits for everything that the clients refer to, and then looks only at what was read. */
async function findWhenRead(clients: Clients, ip: string, sources: ClientSources): Promise<Found> {
  const lists = new Map<string, AddressList | undefined>()
  for (const name of clients.lists) lists.set(name, await sources.list(name))
  const { country, asn } = sources
  if (clients.countries.size > 0) await country.loading
  if (clients.asns.size > 0) await asn.loading
  return findElsewhere(clients, ip, { ...sources, list: (name) => lists.get(name) })
}

function issueOfList(name: string, list: AddressList | undefined): string {
  if (list === undefined) return `there is no list "${name}": store LIST:${name}`
  return `the list "${name}" has not been fetched yet`
}
