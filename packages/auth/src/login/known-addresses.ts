import type { Keyspace } from '@reliw/model'
import type { Keys } from '../sessions/memory-keys.ts'

/** Addresses of one user that are remembered; the one that was not used for longest goes first. */
const MAX_ADDRESSES = 16
/** How long after the last login they are remembered, in milliseconds. */
const REMEMBERED = 90 * 24 * 60 * 60 * 1000

/**
 * The addresses from which users have logged in, as hashes: one key for each user, of 400 bytes at most. Two logins
 * at once may forget one of the two addresses. All methods reject as the store does.
 */
export class KnownAddresses {
  readonly #keyspace: Keyspace
  readonly #keys: Keys

  constructor(keyspace: Keyspace, keys: Keys) {
    this.#keyspace = keyspace
    this.#keys = keys
  }

  /** @param user and `address` as hashes */
  async has(host: string, user: string, address: string): Promise<boolean> {
    return (await this.#read(host, user)).includes(address)
  }

  /** @param user and `address` as hashes */
  async add(host: string, user: string, address: string): Promise<void> {
    const known = await this.#read(host, user)
    const others = known.filter((one) => one !== address)
    const value = [...others.slice(1 - MAX_ADDRESSES), address].join(' ')
    const key = this.#key(host, user)
    await this.#keys.write([{ op: 'set', key, value, ttl: REMEMBERED }])
  }

  async #read(host: string, user: string): Promise<string[]> {
    const raw = await this.#keys.get(this.#key(host, user))
    return raw === undefined ? [] : raw.toString().split(' ')
  }

  #key(host: string, user: string): string {
    return this.#keyspace.limit(host, 'login-known', user)
  }
}
