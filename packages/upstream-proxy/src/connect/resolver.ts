import type { LookupAddress } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import { LRUCache } from 'lru-cache'
import { KnownName } from './known-name.ts'
import { askServers, askSystem } from './name-query.ts'

export interface NameResolverOptions {
  /** DNS servers, such as `127.0.0.1:5353`, that are asked instead of the system. */
  servers?: readonly string[]
  /** A clock, in milliseconds. Default: `performance.now`. */
  now?: () => number
}

/** Past it the name that was used the longest time ago goes. */
const MAX_NAMES = 1000
/** How long a DNS server may take the first time, in milliseconds; c-ares doubles it with each try. */
const TIMEOUT = 1000

/**
 * Resolves names and keeps their addresses for as long as DNS says, 1 s to 5 min; then it asks again while
 * the old ones still serve, and go on serving while the name does not resolve.
 */
export class NameResolver {
  readonly #dns: Resolver
  readonly #names: LRUCache<string, KnownName>

  /** @throws TypeError when a server is no `address` or `address:port` */
  constructor({ servers = [], now = () => performance.now() }: NameResolverOptions = {}) {
    const asksSystem = servers.length === 0
    this.#dns = new Resolver({ timeout: TIMEOUT, tries: asksSystem ? 1 : 2 })
    if (!asksSystem) this.#dns.setServers(servers)
    const ask = asksSystem ? askSystem : askServers
    this.#names = new LRUCache({
      max: MAX_NAMES,
      memoMethod: (name) => new KnownName(async () => ask(name, this.#dns), now)
    })
  }

  /**
   * The addresses of a name, one at least, another one first at each call. Rejects when it does not resolve,
   * with the error of node:dns.
   */
  lookup(name: string): readonly LookupAddress[] | Promise<readonly LookupAddress[]> {
    return this.#names.memo(name).lookup()
  }

  /**
   * To be called when no address of a name could be connected to: the next lookup asks anew. That happens
   * once a second at most.
   */
  forget(name: string): void {
    this.#names.peek(name)?.forget()
  }

  /** Forgets all, and cancels what DNS servers are asked; what the system is asked cannot be cancelled. */
  close(): void {
    this.#names.clear()
    this.#dns.cancel()
  }
}
