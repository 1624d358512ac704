import type { Store } from '@reliw/model'
import { openStore, type StoreOptions } from '@reliw/store'
import { HUNG_AFTER, type RedisServer, type TestContext } from '@reliw/testing'

/** Opens a store that writes its counters often, and is closed with the test. */
export async function openFor(t: TestContext, options: StoreOptions): Promise<Store> {
  const store = await openStore({ flush_interval: '20ms', ...options })
  t.teardown(() => store.close())
  if (!(await store.ready(HUNG_AFTER))) throw new Error('the store did not connect')
  return store
}

/** A store over a Redis server of the test. */
export async function openRedis(
  t: TestContext,
  { host, port }: RedisServer,
  options: StoreOptions = {}
): Promise<Store> {
  return openFor(t, { redis: { host, port, db: 0 }, ...options })
}

/** Makes a host a site. */
export async function writeSite({ driver, keys }: Store, host: string): Promise<void> {
  await driver.write([{ op: 'set', key: keys.routes(host), value: '[["/", "home"]]' }])
}
