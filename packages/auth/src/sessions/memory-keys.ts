import type { Driver, Increment, Operation } from '@reliw/model'
import { LRUCache } from 'lru-cache'

/** The part of a store's driver that holds sessions, pending logins and counts of failures. */
export type Keys = Pick<Driver, 'get' | 'ttl' | 'write' | 'increment'>

/** Maximum number of keys; past it, the least recently used are evicted. */
const MAX_KEYS = 100_000

interface Value {
  raw: Buffer
  /** Epoch milliseconds. */
  expires: number
}

/** Keys in the memory of this process, for an app without a store; they are lost when it ends. */
export class MemoryKeys implements Keys {
  /** Limited by size, which is 1 for each key: `max` would reserve 3 MB at once. */
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
