import { type Reader, type Store, StoreUnavailable } from '@reliw/model'
import { startRedis, tempDir, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { openStore } from '../src/index.ts'
import { openFor } from './contract.ts'

const HOST = 'a.example'
const ROUTES = '[["/", "home", true]]'

async function openWithSite(t: Test, staleIfError = '5m') {
  const redis = await startRedis(t)
  const { host, port } = redis
  const store = await openFor(t, {
    redis: { host, port, timeout: '300ms', db: 0 },
    stale_if_error: staleIfError
  })
  await store.driver.write([{ op: 'set', key: store.keys.routes(HOST), value: ROUTES }])
  await waitFor(async () => store.sites.routes(HOST), 'the site')
  return { redis, store }
}

async function lost(store: Store): Promise<void> {
  await waitFor(() => !store.connected, 'the loss')
}

t.test('a store that was never available rejects at once, and recovers by itself', async (t) => {
  const redis = await startRedis(t)
  const { host, port } = redis
  await redis.stop()
  const store = await openStore({ redis: { host, port, db: 0 } })
  t.teardown(() => store.close())
  t.equal(await store.ready(50), false)
  await t.rejects(async () => store.sites.routes(HOST), { code: 'RELIW_STORE_UNAVAILABLE' })
  await t.rejects(store.driver.get('RLW:DATA:a:b'), { code: 'RELIW_STORE_UNAVAILABLE' })
  await redis.restart()
  await waitFor(() => store.connected, 'the connection')
  t.equal(await store.sites.routes(HOST), undefined)
})

t.test('while the store is unavailable cached values are served, and nothing else', async (t) => {
  const { redis, store } = await openWithSite(t)
  await redis.kill9()
  await lost(store)
  const routes = store.sites.routes(HOST)
  t.notOk(routes instanceof Promise, 'without a promise')
  t.equal((await routes)?.match('/'), 'home')
  t.ok(store.statistics.staleServed > 0)
  await t.rejects(async () => store.sites.routes('b.example'), { code: 'RELIW_STORE_UNAVAILABLE' })
  await t.rejects(async () => store.sites.session(HOST, 'x'), { code: 'RELIW_STORE_UNAVAILABLE' })
})

t.test('a view marks a cached value that the store cannot confirm', async (t) => {
  const { redis, store } = await openWithSite(t)
  const view = store.view(
    async (_key, reader) => ({ id: (await store.sites.routes(HOST, reader))?.match('/') }),
    undefined,
    (value) => ({ ...value, isStale: true })
  )
  const fresh = await view.get('x')
  t.strictSame(fresh, { id: 'home' })
  t.equal(view.get('x'), fresh)
  await redis.kill9()
  await lost(store)
  t.strictSame(view.get('x'), { id: 'home', isStale: true })
  await redis.restart()
  await waitFor(() => store.connected, 'the connection')
  t.strictSame(await view.get('x'), { id: undefined })
})

t.test('a view marks a cached value when the store fails while it is loaded again', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  let isAway = false
  const load = async (_key: string, reader: Reader): Promise<string> => {
    store.dependOn(reader, 'mine')
    if (isAway) throw new StoreUnavailable()
    return 'value'
  }
  const view = store.view(load, undefined, (value) => `stale ${value}`)
  t.equal(await view.get('x'), 'value')
  isAway = true
  store.changed('mine')
  t.equal(await view.get('x'), 'stale value')
  isAway = false
  t.equal(await view.get('x'), 'value', 'what is kept is the value itself')
})

t.test('cached values are served for stale_if_error at most', async (t) => {
  const { redis, store } = await openWithSite(t, '100ms')
  await redis.kill9()
  await lost(store)
  const refused = async (): Promise<boolean> => {
    try {
      await store.sites.routes(HOST)
      return false
    } catch (error) {
      return (error as { code: string }).code === 'RELIW_STORE_UNAVAILABLE'
    }
  }
  await waitFor(refused, 'the end of patience')
  t.pass()
})

t.test('a change made while the connection was lost is seen when it is back', async (t) => {
  const { redis, store } = await openWithSite(t)
  await redis.kill9()
  await lost(store)
  await redis.restart()
  await waitFor(() => store.connected, 'the connection')
  t.equal(await store.sites.routes(HOST), undefined, 'it came back empty')
})

t.test(
  'a silent Redis counts as disconnected, and as connected once it responds again',
  async (t) => {
    const { redis, store } = await openWithSite(t)
    redis.pause()
    await lost(store)
    t.equal((await store.sites.routes(HOST))?.match('/'), 'home')
    redis.resume()
    await waitFor(() => store.connected, 'the connection')
    t.equal((await store.sites.routes(HOST))?.match('/'), 'home')
  }
)

t.test('every cached value is loaded again after FLUSHDB', async (t) => {
  const { redis, store } = await openWithSite(t)
  await redis.command('FLUSHDB')
  await waitFor(async () => (await store.sites.routes(HOST)) === undefined, 'the flush')
  t.pass()
})

t.test('counters wait for a store that is unavailable', async (t) => {
  const { redis, store } = await openWithSite(t)
  await redis.kill9()
  await lost(store)
  store.counters.add('RLW:METRICS:a:total', '200', 3)
  await store.counters.flush()
  await redis.restart()
  await waitFor(() => store.connected, 'the connection')
  await store.counters.flush()
  t.equal(String(await store.driver.hashField('RLW:METRICS:a:total', '200')), '3')
})

t.test('a Redis without client tracking is refused with the reason', async (t) => {
  const redis = await startRedis(t, { args: ['--rename-command', 'CLIENT', ''] })
  const { host, port } = redis
  const said: string[] = []
  const say = (fields: object, message: string): void =>
    void said.push(message + JSON.stringify(fields))
  const store = await openStore(
    { redis: { host, port, db: 0 } },
    { info: say, warn: say, error: say }
  )
  t.teardown(() => store.close())
  await waitFor(() => said.some((line) => line.includes('unknown command')), 'the reason')
  t.equal(store.connected, false)
})
