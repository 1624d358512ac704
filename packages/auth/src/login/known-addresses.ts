import type { Keyspace } from '@reliw/model'
import type { Keys } from '../sessions/memory-keys.ts'

/** Maximum number of addresses per user; past it, the least recently used is evicted. */
const MAX_ADDRESSES = 16
/** How long they are stored after the last login, in milliseconds. */
const TTL = 90 * 24 * 60 * 60 * 1000

/**
 * The addresses from which users have logged in, as hashes: one key per user, of 400 bytes at most. Two concurrent
 * logins may lose one of the two addresses. All methods reject if the store does.
 */
export class KnownAddresses {
  readonly #keyspace: Keyspace
  readonly #keys: Keys

  constructor(keyspace: Keyspace, keys: Keys) {
    this.#keyspace = keyspace
    this.#keys = keys
  }

  /** @param user a hash, as is `address` */
  async has(host: string, user: string, address: string): Promise<boolean> {
    return (await this.#read(host, user)).includes(address)
  }

  /** @param user a hash, as is `address` */
  async add(host: string, user: string, address: string): Promise<void> {
    const known = await this.#read(host, user)
    const others = known.filter((one) => one !== address)
    const value = [...others.slice(1 - MAX_ADDRESSES), address].join(' ')
    const key = this.#key(host, user)
    await this.#keys.write([{ op: 'set', key, value, ttl: TTL }])
  }

  async #read(host: string, user: string): Promise<string[]> {
    const raw = await this.#keys.get(this.#key(host, user))
    return raw === undefined ? [] : raw.toString().split(' ')
  }

  #key(host: string, user: string): string {
    return this.#keyspace.limit(host, 'login-known', user)
  }
}
