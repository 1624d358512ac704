import { openStore } from '@reliw/store'
import { startRedis, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { countsOf } from './fleet-contract.ts'
import { type Metered, scrapeOf, startMetered } from './metered-app.ts'
import { openFor } from './stores.ts'

const TOTAL = 'http_requests_total'
const UP = 'reliw_store_up'

/** An app over a Redis of its own that has counted one request. */
async function startCounted(t: Test, strict = false) {
  const redis = await startRedis(t)
  const { host, port } = redis
  const store = await openFor(t, { redis: { host, port, db: 0, timeout: '300ms' } })
  const metered = await startMetered(t, { store, strict })
  await metered.send()
  await metered.scrapeWhen((read) => read.value(TOTAL) === 1)
  return { redis, store, metered }
}

async function statusOf({ url }: Metered): Promise<number> {
  const response = await fetch(`${url}/metrics`, { headers: { connection: 'close' } })
  await response.text()
  return response.status
}

t.test(
  'without its store a process exposes its own values, and all once the store is back',
  async (t) => {
    const { redis, store, metered } = await startCounted(t)
    const { send, scrape, scrapeWhen } = metered
    await redis.kill9()
    await waitFor(() => !store.connected, 'the loss')
    await send()
    const without = await scrapeWhen(
      (read) => read.value('reliw_request_duration_seconds_count') === 2
    )
    t.equal(without.value(UP), 0)
    t.equal(without.value('reliw_processes'), 1)
    for (const name of [TOTAL, 'http_requests_by_method', 'reliw_fleet_complete']) {
      t.equal(without.families.has(name), false, name)
    }
    await redis.restart()
    await waitFor(() => store.connected, 'the store')
    const read = await scrapeWhen((read) => read.value(TOTAL) !== undefined, 'the counts')
    t.equal(read.value(UP), 1)
    t.equal(read.value(TOTAL), 1, 'what was counted meanwhile; the new Redis knows nothing else')
    t.equal((await scrape()).value('reliw_metrics_failures_total'), 0, 'to be away is no failure')
  }
)

t.test('with `strict` there are no metrics without the store', async (t) => {
  const { redis, store, metered } = await startCounted(t, true)
  t.equal(await statusOf(metered), 200)
  await redis.kill9()
  await waitFor(() => !store.connected, 'the loss')
  const response = await fetch(`${metered.url}/metrics`)
  t.equal(response.status, 503)
  t.equal(await response.text(), 'The store is unavailable.\n')
  t.equal((await fetch(`${metered.url}/status`)).status, 200, 'the rest is answered')
  await redis.restart()
  await waitFor(async () => (await statusOf(metered)) === 200, 'the metrics')
})

t.test('options for reading the store are refused without one', async (t) => {
  for (const options of [{ strict: true }, { scan_count: 7 }, { scan_limit: 7 }]) {
    const [name = ''] = Object.keys(options)
    await t.rejects(startMetered(t, options), {
      code: 'RELIW_INVALID_OPTIONS',
      message: `${name}: no effect without a store`
    })
  }
  const usual = { strict: false, scan_count: 100, scan_limit: 2000 }
  t.equal(await statusOf(await startMetered(t, usual)), 200)
})

t.test('a store that hangs makes a scrape wait no longer than one command may take', async (t) => {
  const { redis, store, metered } = await startCounted(t)
  redis.pause()
  const first = await metered.scrape()
  t.equal(first.families.has(TOTAL), false)
  t.equal(first.value(UP), 0, 'whatever is known of the connection')
  t.equal(first.value('reliw_processes'), 1)
  await waitFor(() => !store.connected, 'the loss')
  const second = await metered.scrape()
  t.equal(second.value(UP), 0)
  t.equal(second.value('reliw_metrics_failures_total'), 1, 'of the first one')
  redis.resume()
  await metered.scrapeWhen((read) => read.value(TOTAL) === 1, 'the counts')
})

t.test('strict, and a store that hangs', async (t) => {
  const { redis, metered } = await startCounted(t, true)
  redis.pause()
  t.equal(await statusOf(metered), 503)
  redis.resume()
  await waitFor(async () => (await statusOf(metered)) === 200, 'the metrics')
})

t.test('a store lost during a scrape leaves the process its values', async (t) => {
  const { redis, store, metered } = await startCounted(t)
  for (let n = 0; n < 500; n++) {
    const key = store.keys.metrics(`h${n}.example`, 'total')
    await store.driver.write([{ op: 'hset', key, fields: { 200: '1' } }])
  }
  const scrapes = Array.from({ length: 20 }, async () => scrapeOf(metered.url))
  await redis.kill9()
  for (const read of await Promise.all(scrapes)) {
    t.equal(read.value('reliw_processes'), 1)
    t.ok([undefined, 501].includes(read.value(TOTAL)), 'all of them, or none')
  }
})

t.test('counts made before the store is available are written once it is', async (t) => {
  const redis = await startRedis(t)
  const { host, port } = redis
  await redis.stop()
  const store = await openStore({ redis: { host, port, db: 0 }, flush_interval: '20ms' })
  t.teardown(() => store.close())
  const { send, scrape, scrapeWhen } = await startMetered(t, { store })
  for (let n = 0; n < 3; n++) await send()
  t.equal((await scrape()).value(UP), 0)
  await redis.restart()
  await scrapeWhen((read) => read.value(TOTAL) === 3, 'the counts')
  t.strictSame(await countsOf(store, 'unknown', 'total'), { 200: 3 })
  t.equal((await scrape()).value('reliw_store_counts_dropped_total'), 0)
})

t.test('a key that is not a counter is reported, and affects no other', async (t) => {
  const { store, metered } = await startCounted(t)
  const { driver, keys } = store
  const key = keys.metrics('unknown', 'by_method')
  await driver.write([{ op: 'delete', key }])
  await driver.write([{ op: 'set', key, value: 'a string' }])
  await metered.send()
  const read = await metered.scrapeWhen((read) => read.value(TOTAL) === 2)
  t.equal(read.value('http_requests_by_method'), undefined)
  await metered.scrapeWhen((read) => read.value('reliw_store_counts_dropped_total') === 1)
})
