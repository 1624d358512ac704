import type { LookupAddress } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import { LRUCache } from 'lru-cache'
import { KnownName } from './known-name.ts'
import { queryServers, querySystem } from './name-query.ts'

export interface NameResolverOptions {
  /** DNS servers, such as `127.0.0.1:5353`, queried instead of the system. */
  servers?: readonly string[]
  /** A clock, in milliseconds. Default: `performance.now`. */
  now?: () => number
}

/** Maximum number of cached names; beyond that, the least recently used one is evicted. */
const MAX_NAMES = 1000
/** Timeout of the first query to a DNS server, in milliseconds; c-ares doubles it with each try. */
const TIMEOUT = 1000

/**
 * Resolves names and caches their addresses for as long as DNS says, within 1 s to 5 min. After that the old addresses
 * are used while the name is resolved again, and for as long as it does not resolve.
 */
export class NameResolver {
  readonly #dns: Resolver
  readonly #names: LRUCache<string, KnownName>

  /** @throws TypeError when a server is no `address` or `address:port` */
  constructor({ servers = [], now = () => performance.now() }: NameResolverOptions = {}) {
    const usesSystem = servers.length === 0
    this.#dns = new Resolver({ timeout: TIMEOUT, tries: usesSystem ? 1 : 2 })
    if (!usesSystem) this.#dns.setServers(servers)
    const query = usesSystem ? querySystem : queryServers
    this.#names = new LRUCache({
      max: MAX_NAMES,
      memoMethod: (name) => new KnownName(async () => query(name, this.#dns), now)
    })
  }

  /**
   * The addresses of a name, at least one, rotated at each call. Rejects with the error of node:dns when the name does
   * not resolve.
   */
  lookup(name: string): readonly LookupAddress[] | Promise<readonly LookupAddress[]> {
    return this.#names.memo(name).lookup()
  }

  /**
   * To be called when no address of a name could be connected to: the next lookup resolves the name again, at most once
   * a second.
   */
  forget(name: string): void {
    this.#names.peek(name)?.forget()
  }

  /** Clears the cache and cancels queries to DNS servers; queries to the system cannot be cancelled. */
  close(): void {
    this.#names.clear()
    this.#dns.cancel()
  }
}
