import { isIPv6 } from 'node:net'
import type { Store } from '@reliw/model'

/**
 * The keys that describe a site: not its sessions and counters, and not `WAF`, of which it has a field. ACME
 * tokens are the issuer's, not the site's.
 */
export async function* keysOfSite({ driver, keys }: Store, host: string): AsyncIterable<string> {
  for (const key of [
    keys.routes(host),
    keys.titles(host),
    keys.users(host),
    keys.settings(host),
    keys.proxy(host)
  ]) {
    if ((await driver.type(key)) !== undefined) yield key
  }
  for (const prefix of [keys.entry(host, ''), keys.file(host, ''), keys.data(host, '')]) {
    for await (const batch of driver.keys(prefix, 1000)) {
      for (const key of batch) if (!key.startsWith(keys.data(host, '.well-known/'))) yield key
    }
  }
}

/** Whether the store has routes of a host, as every site with content has. */
export async function hasRoutes({ driver, keys }: Store, host: string): Promise<boolean> {
  return (await driver.type(keys.routes(host))) !== undefined
}

/** Whether the store has routes, settings or an upstream of a host. */
export async function hasSite({ driver, keys }: Store, host: string): Promise<boolean> {
  const own = [keys.routes(host), keys.settings(host), keys.proxy(host)]
  const types = await Promise.all(own.map((key) => driver.type(key)))
  return types.some((type) => type !== undefined)
}

/** Every host of which the store has routes, settings or an upstream. */
export async function findHosts({ driver, keys }: Store): Promise<string[]> {
  const hosts = new Set<string>()
  for (const prefix of [keys.routes(''), keys.settings(''), keys.proxy('')]) {
    for await (const batch of driver.keys(prefix, 1000)) {
      for (const key of batch) {
        const name = key.slice(prefix.length)
        // `API:<host>:<id>` is an entry.
        if (!name.includes(':') || isIPv6(name)) hosts.add(name)
      }
    }
  }
  return [...hosts].toSorted()
}
