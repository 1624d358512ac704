// Stores of either kind, in which tests call operations.

import { type OperationEvent, type Store, storeEvents } from '@reliw/model'
import { openStore } from '@reliw/store'
import { HUNG_AFTER, type RedisServer, startRedis, tempDir } from '@reliw/testing'
import type { Test } from 'tap'

export const HOST = 'a.example'
export const missing = { code: 'RELIW_OPERATIONS_NOT_FOUND' }
export const conflict = { code: 'RELIW_OPERATIONS_CONFLICT' }
export const invalid = { code: 'RELIW_OPERATIONS_INVALID_INPUT' }

/** Runs a test in each kind of store, empty and of its own. */
export async function inEachStore(
  t: Test,
  name: string,
  test: (t: Test, place: { store: Store }) => Promise<void>
): Promise<void> {
  await t.test(`${name}: embedded`, async (t) => {
    const store = await openStore({ dir: tempDir(t) })
    t.teardown(() => store.close())
    await test(t, { store })
  })
  await t.test(`${name}: Redis`, async (t) => test(t, await openRedisStore(t)))
}

export async function openRedisStore(t: Test): Promise<{ store: Store; redis: RedisServer }> {
  const redis = await startRedis(t)
  const store = await openStore({ redis: { port: redis.port } })
  t.teardown(() => store.close())
  t.ok(await store.ready(HUNG_AFTER))
  return { store, redis }
}

/** Every key with its value, as text. */
export async function contents({ driver, keys }: Store): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for await (const batch of driver.keys(`${keys.prefix}:`)) {
    for (const key of batch) {
      const isHash = (await driver.type(key)) === 'hash'
      const fields = isHash ? Object.entries((await driver.hash(key)) ?? {}) : []
      found[key] = isHash
        ? Object.fromEntries(fields.map(([field, value]) => [field, value.toString()]))
        : (await driver.get(key))?.toString()
    }
  }
  return found
}

/** Says how often an operation writes: once is one transaction. */
export async function countWrites(act: () => Promise<unknown>): Promise<number> {
  let count = 0
  const listen = ({ operation }: OperationEvent): void => {
    if (operation === 'write') count++
  }
  storeEvents.operation.subscribe(listen)
  try {
    await act()
  } finally {
    storeEvents.operation.unsubscribe(listen)
  }
  return count
}
