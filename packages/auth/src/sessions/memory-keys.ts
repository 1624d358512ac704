import type { Driver, Increment, Operation } from '@reliw/model'
import { LRUCache } from 'lru-cache'

/** Where sessions, logins under way and counts of failures are kept: a part of a store's driver. */
export type Keys = Pick<Driver, 'get' | 'ttl' | 'write' | 'increment'>

/** Keys at most; past it those go that were not used for the longest time. */
const MAX_KEYS = 100_000

interface Value {
  raw: Buffer
  /** Epoch milliseconds. */
  expires: number
}

/** Keys in this process's memory, for an app that has no store: they end with it. */
export class MemoryKeys implements Keys {
  /** By size, which is 1 for each: a `max` would reserve 3 MB at once. */
  readonly #values = new LRUCache<string, Value>({ maxSize: MAX_KEYS, sizeCalculation: () => 1 })

  async get(key: string): Promise<Buffer | undefined> {
    return this.#find(key)?.raw
  }

  async ttl(key: string): Promise<number | undefined> {
    const { expires = Infinity } = this.#find(key) ?? {}
    return expires === Infinity ? undefined : expires - Date.now()
  }

  async write(operations: readonly Operation[]): Promise<void> {
    for (const operation of operations) {
      const { key } = operation
      const value = this.#find(key)
      if (operation.op === 'delete') this.#values.delete(key)
      if (operation.op === 'set') this.#set(key, Buffer.from(operation.value), operation.ttl)
      if (operation.op === 'expire' && value !== undefined) this.#set(key, value.raw, operation.ttl)
    }
  }

  async increment(increments: readonly Increment[]): Promise<number[]> {
    return increments.map(({ key, by, ttl }) => {
      const before = this.#find(key)
      const count = Number(before?.raw ?? 0) + by
      const left = before === undefined ? ttl : before.expires - Date.now()
      this.#set(key, Buffer.from(String(count)), left)
      return count
    })
  }

  #find(key: string): Value | undefined {
    const value = this.#values.get(key)
    if (value === undefined || value.expires > Date.now()) return value
    this.#values.delete(key)
    return undefined
  }

  #set(key: string, raw: Buffer, ttl = Infinity): void {
    this.#values.set(key, { raw, expires: Date.now() + ttl })
  }
}
