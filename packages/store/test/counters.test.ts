import { type OperationEvent, type Store, storeEvents } from '@reliw/model'
import { startRedis, tempDir, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { BufferedCounters } from '../src/counters.ts'
import { openStore } from '../src/index.ts'
import { openFor } from './contract.ts'

const KEY = 'RLW:METRICS:a:total'
const NEVER = 3_600_000
const nothing = (): void => undefined

/** BufferedCounters of a store that writes none by itself. */
async function openQuiet(t: Test): Promise<Store> {
  return openFor(t, { dir: tempDir(t), flush_interval: '1h' })
}

async function stored(store: Store, field: string): Promise<number> {
  return Number(await store.driver.hashField(KEY, field))
}

t.test('sources are drained at every interval', async (t) => {
  const store = await openFor(t, { dir: tempDir(t), flush_interval: '5ms' })
  let asked = 0
  store.counters.addSource((add) => add(KEY, '200', ++asked && 1))
  await waitFor(async () => (await stored(store, '200')) >= 3, 'three writes')
  t.ok(asked >= 3)
})

t.test('a source that throws is reported once and stops no other', async (t) => {
  const said: object[] = []
  const warn = (fields: object): void => void said.push(fields)
  const log = { info: nothing, warn, error: nothing }
  const store = await openStore({ dir: tempDir(t), flush_interval: '1h' }, log)
  t.teardown(() => store.close())
  const stop = store.counters.addSource((add) => {
    add(KEY, 'before', 1)
    throw new Error('broken source')
  })
  store.counters.addSource((add) => add(KEY, '200', 1))
  await store.counters.flush()
  await store.counters.flush()
  t.doesNotThrow(stop)
  t.equal(await stored(store, '200'), 2)
  t.equal(await stored(store, 'before'), 2)
  t.same(said, [{ store: { cause: 'Error: broken source' } }])
})

t.test('a key that is not a counter is reported once, by its name alone', async (t) => {
  const said: [string, object][] = []
  const warn = (fields: object, message: string): void => void said.push([message, fields])
  const log = { info: nothing, warn, error: nothing }
  const store = await openStore({ dir: tempDir(t), flush_interval: '1h' }, log)
  t.teardown(() => store.close())
  await store.driver.write([{ op: 'set', key: KEY, value: 'secret' }])
  for (const field of ['200', '404']) {
    store.counters.add(KEY, field)
    await store.counters.flush()
  }
  t.same(said, [['counter refused', { store: { key: KEY } }]])
})

t.test('the number of unwritten counters is bounded, whatever their keys', async (t) => {
  const store = await openQuiet(t)
  const counters = new BufferedCounters({
    driver: store.driver,
    interval: NEVER,
    isConnected: () => false,
    warned: nothing
  })
  for (let n = 0; n < 100_000; n++) counters.add(`RLW:METRICS:${n}:total`, '200')
  t.equal(counters.dropped, 0)
  counters.add('RLW:METRICS:new:total', '200', 3)
  counters.add('RLW:METRICS:0:total', '404', 4)
  t.equal(counters.dropped, 7)
  counters.add('RLW:METRICS:0:total', '200')
  t.equal(counters.dropped, 7, 'what waits already goes on')
})

t.test('many counters are written in several batches', async (t) => {
  const store = await openQuiet(t)
  for (let n = 0; n < 2500; n++)
    store.counters.add(store.keys.metrics(`${n % 3}`, 'by_request'), `/${n}`)
  await store.counters.flush()
  const hosts = ['0', '1', '2'].map((host) => store.keys.metrics(host, 'by_request'))
  const hashes = await Promise.all(hosts.map((key) => store.driver.hash(key)))
  t.equal(hashes.flatMap((hash) => Object.keys(hash ?? {})).length, 2500)
  t.ok(hashes.every((hash) => Object.values(hash ?? {}).every((value) => String(value) === '1')))
})

t.test('while the store is unavailable no write is tried, and no source drained', async (t) => {
  const store = await openQuiet(t)
  let looks = 0
  let isConnected = false
  let asked = 0
  const counters = new BufferedCounters({
    driver: store.driver,
    interval: 5,
    isConnected: () => ++looks > 0 && isConnected,
    warned: nothing
  })
  t.teardown(() => counters.close())
  counters.addSource((add) => add(KEY, 'asked', ++asked && 1))
  counters.add(KEY, '200', 2)
  await waitFor(() => looks >= 3, 'three intervals')
  t.equal(asked, 0)
  t.equal(await store.driver.hash(KEY), undefined)
  isConnected = true
  await waitFor(async () => (await stored(store, '200')) === 2, 'the write')
  t.ok(asked > 0)
})

t.test('a flush that meets another one writes what was counted before it', async (t) => {
  const store = await openQuiet(t)
  store.counters.add(KEY, '200', 1)
  const first = store.counters.flush()
  store.counters.add(KEY, '200', 2)
  await store.counters.flush()
  await first
  t.equal(await stored(store, '200'), 3)
})

t.test(
  'a flush writes all that was counted before it, whatever is counted meanwhile',
  async (t) => {
    const store = await openQuiet(t)
    for (let n = 0; n < 2500; n++) store.counters.add(KEY, `/${n}`)
    const flushing = store.counters.flush()
    for (let n = 0; n < 2500; n++) store.counters.add(KEY, `/new/${n}`)
    await flushing
    const paths = Object.keys((await store.driver.hash(KEY)) ?? {})
    t.equal(paths.filter((path) => !path.startsWith('/new/')).length, 2500)
  }
)

t.test('counts that Redis refuses temporarily are written again', async (t) => {
  const redis = await startRedis(t)
  const { host, port } = redis
  const store = await openFor(t, { redis: { host, port }, flush_interval: '1h' })
  store.counters.add(KEY, '200', 2)
  await redis.command('CONFIG', 'SET', 'maxmemory', 1)
  await store.counters.flush()
  t.equal(await store.driver.hash(KEY), undefined)
  await redis.command('CONFIG', 'SET', 'maxmemory', 0)
  await store.counters.flush()
  t.equal(await stored(store, '200'), 2)
  t.equal(store.counters.dropped, 0)
})

t.test('a counter whose name is too long for the embedded store is dropped alone', async (t) => {
  const store = await openQuiet(t)
  for (const length of [1940, 1960, 8000]) store.counters.add(KEY, 'x'.repeat(length))
  store.counters.add(KEY, '200', 2)
  await store.counters.flush()
  t.equal(store.counters.dropped, 3)
  t.equal(await stored(store, '200'), 2)
  t.equal(Object.keys((await store.driver.hash(KEY)) ?? {}).length, 1)
})

t.test('while Redis is frozen each count is sent once', async (t) => {
  const redis = await startRedis(t)
  const store = await openFor(t, {
    redis: { host: redis.host, port: redis.port, timeout: '200ms' },
    flush_interval: '20ms'
  })
  let added = 0
  let failures = 0
  const onOperation = ({ operation, failed }: OperationEvent): void => {
    if (operation === 'count' && failed) failures++
  }
  storeEvents.operation.subscribe(onOperation)
  t.teardown(() => storeEvents.operation.unsubscribe(onOperation))
  const adding = setInterval(() => store.counters.add(KEY, '200', (added++, 1)), 1)
  await waitFor(() => added > 100, 'counts')
  redis.pause()
  await waitFor(() => failures > 3, 'writes that fail')
  redis.resume()
  clearInterval(adding)
  await waitFor(() => store.connected, 'the store')
  await store.counters.flush()
  t.equal(await stored(store, '200'), added)
})
