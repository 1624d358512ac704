import { isIPv6 } from 'node:net'
import type { Store } from '@reliw/model'

/**
 * The keys that describe a site. Not included are its sessions and counters, `WAF`, in which the site has only a field,
 * and ACME tokens, which belong to the issuer.
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

/** Whether the store has routes, settings or an upstream for a host. */
export async function hasSite({ driver, keys }: Store, host: string): Promise<boolean> {
  const own = [keys.routes(host), keys.settings(host), keys.proxy(host)]
  const types = await Promise.all(own.map((key) => driver.type(key)))
  return types.some((type) => type !== undefined)
}

/** All hosts for which the store has routes, settings or an upstream. */
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
