import type { Store } from '@reliw/model'
import { type Random, seededRandom, waitFor } from '@reliw/testing'
import type { Test } from 'tap'
import type { Exposition } from './exposition.ts'
import { startMetered } from './metered-app.ts'

const TOTAL = 'http_requests_total'
const BY_METHOD = 'http_requests_by_method'
const COMPLETE = 'reliw_fleet_complete'

/** Writes what other servers counted. */
export async function writeCounts(
  { driver, keys }: Store,
  host: string,
  total: Record<string, string>,
  byMethod: Record<string, string> = {}
): Promise<void> {
  const fields = { total, by_method: byMethod } as const
  for (const what of ['total', 'by_method'] as const) {
    if (Object.keys(fields[what]).length === 0) continue
    await driver.write([{ op: 'hset', key: keys.metrics(host, what), fields: fields[what] }])
  }
}

/** Removes all counts. */
export async function clear({ driver, keys }: Store): Promise<void> {
  for await (const batch of driver.keys(keys.metricsPrefix())) {
    for (const key of batch) await driver.write([{ op: 'delete', key }])
  }
}

/** What the store has of a host: field → count. */
export async function countsOf(
  { driver, keys }: Store,
  host: string,
  what: 'total' | 'by_method' | 'by_request'
): Promise<Record<string, number>> {
  const hash = (await driver.hash(keys.metrics(host, what))) ?? {}
  return Object.fromEntries(Object.entries(hash).map(([name, count]) => [name, Number(count)]))
}

/** What is counted for all servers, whatever the store stands on. The store is empty, and so it is left. */
export async function fleetContract(t: Test, open: () => Promise<Store>): Promise<void> {
  const stores = [await open(), await open()] as const
  const [store] = stores

  await t.test('the counts of two servers are one family', async (t) => {
    const apps = await Promise.all(
      stores.map((store) => startMetered(t, { store, is_site: (host) => host !== 'b.example' }))
    )
    for (const { send } of apps) {
      await send({ host: 'a.example' })
      await send({ host: 'a.example', path: '/code/404', method: 'HEAD' })
      await send({ host: 'b.example', method: 'POST' })
    }
    for (const { scrapeWhen } of apps) {
      // The keys of a cluster are written one by one.
      const isWritten = (read: Exposition): boolean =>
        read.value(TOTAL) === 6 && read.value(BY_METHOD) === 6
      const read = await scrapeWhen(isWritten)
      t.equal(read.value(TOTAL, { host: 'a.example', code: '200' }), 2)
      t.equal(read.value(TOTAL, { host: 'a.example', code: '404' }), 2)
      t.equal(read.value(TOTAL, { host: 'unknown', code: '200' }), 2)
      t.equal(read.value(BY_METHOD, { host: 'a.example', method: 'HEAD' }), 2)
      t.equal(read.value(BY_METHOD, { host: 'unknown', method: 'POST' }), 2)
      t.equal(read.samples(TOTAL).length, 3)
      t.equal(read.value(COMPLETE), 1)
    }
    await clear(store)
  })

  await t.test('nothing that was counted is lost when a server closes', async (t) => {
    const peer = await open()
    const { app, send } = await startMetered(t, { store: peer, is_site: () => true })
    for (let n = 0; n < 20; n++) await send({ path: `/code/${200 + n}` })
    await app.close()
    await peer.close()
    const counts = await countsOf(store, 'a.example', 'total')
    t.equal(Object.keys(counts).length, 20)
    t.strictSame(new Set(Object.values(counts)), new Set([1]))
    t.strictSame(await countsOf(store, 'a.example', 'by_method'), { GET: 20 })
    await clear(store)
  })

  await t.test('requests whose clients left are counted when the server closes', async (t) => {
    const peer = await open()
    const { app, port, scrapeWhen } = await startMetered(t, { store: peer }, (app) => {
      app.get('/held', () => new Promise<never>(() => undefined))
      app.addHook('preClose', async () => app.server.closeAllConnections())
    })
    void fetch(`http://127.0.0.1:${port}/held`).catch(() => undefined)
    await scrapeWhen((read) => read.value('reliw_requests_in_flight') === 1)
    await app.close()
    await peer.close()
    t.strictSame(await countsOf(store, 'unknown', 'by_method'), { GET: 1 })
    await clear(store)
  })

  await t.test('hosts beyond scan_limit are left out, which is reported', async (t) => {
    for (let n = 0; n < 30; n++)
      await writeCounts(store, `h${n}.example`, { 200: '1' }, { GET: '1' })
    for (const [scan_limit, complete] of [
      [30, 1],
      [29, 0],
      [1, 0]
    ] as const) {
      for (const scan_count of [1, 7, 1000]) {
        const { scrape } = await startMetered(t, { store, scan_limit, scan_count })
        const read = await scrape()
        t.equal(read.samples(TOTAL).length, scan_limit, `${scan_limit} by ${scan_count}`)
        t.equal(read.samples(BY_METHOD).length, scan_limit)
        t.equal(read.value(COMPLETE), complete)
      }
    }
    await clear(store)
  })

  await t.test('an empty store has no counts, and that is all there are', async (t) => {
    const { scrape } = await startMetered(t, { store })
    const read = await scrape()
    t.equal(read.value(TOTAL), undefined)
    t.equal(read.value(COMPLETE), 1)
  })

  await t.test('fields that are not counts are left out, and the rest is shown', async (t) => {
    const total = {
      '200': '5',
      '404': 'many',
      '500': '',
      '201': '-1',
      '202': '1.5',
      '203': ' 1',
      '204': '0x10',
      '205': '9'.repeat(400),
      '206': 'NaN',
      '20': '1',
      '2000': '1',
      '099': '1',
      abc: '1',
      '200 ': '1',
      __proto__: '1',
      constructor: '1',
      '2\n0': '1'
    }
    await writeCounts(store, 'a.example', total, { GET: '5', get: '1', BREW: '1', other: '2' })
    await writeCounts(store, 'only-methods.example', {}, { GET: '1' })
    const set = (key: string, value: string) => store.driver.write([{ op: 'set', key, value }])
    await set(store.keys.metrics('string.example', 'total'), '5')
    await set(store.keys.metrics('string.example', 'by_method'), '5')
    await set(`${store.keys.metricsPrefix()}total`, '5')
    await set(`${store.keys.metricsPrefix()}a.example`, '5')
    await writeCounts(store, '', { 200: '1' })
    const { scrape } = await startMetered(t, { store })
    const read = await scrape()
    t.equal(read.value(COMPLETE), 1)
    t.strictSame(read.labels(TOTAL, 'host'), ['', 'a.example'])
    t.strictSame(read.labels(TOTAL, 'code'), ['200'])
    t.equal(read.value(TOTAL, { host: 'a.example' }), 5)
    t.strictSame(read.labels(BY_METHOD, 'method'), ['GET', 'other'])
    t.equal(read.value('reliw_metrics_failures_total'), 0)
    await clear(store)
  })

  await t.test('hosts are shown as they are, whatever they are called', async (t) => {
    const hosts = [
      'a"b',
      'a\\b',
      'a\nb',
      'x"} 1\nevil{y="',
      'ü.example',
      '::1',
      'a:total',
      '*',
      '['
    ]
    for (const host of hosts) await writeCounts(store, host, { 200: '1' }, { GET: '1' })
    const { scrape } = await startMetered(t, { store })
    const read = await scrape()
    t.strictSame(read.labels(TOTAL, 'host'), hosts.toSorted())
    t.equal(read.value(TOTAL), hosts.length)
    await clear(store)
  })

  await t.test('a scrape is valid whatever is stored among the counts', async (t) => {
    const random = seededRandom(t)
    await writeGarbage(store, random)
    await writeCounts(store, 'a.example', { 200: '7' })
    const { scrape } = await startMetered(t, { store, strict: true })
    t.equal((await scrape()).value(TOTAL, { host: 'a.example' }), 7)
    await clear(store)
  })

  await t.test('paths of what was there are counted, up to max_paths', async (t) => {
    let isReduced = false
    const { send } = await startMetered(t, {
      store,
      is_site: () => true,
      max_paths: 3,
      path: ({ url }) => (url === '/none' ? undefined : url),
      limits: () => ({ ...LIMITS, pressure: { level: 'reduced', isReduced, shares: {} } })
    })
    for (const path of ['/a', '/b', '/a', '/code/404', '/code/500', '/none']) await send({ path })
    await settled(store, 6)
    isReduced = true
    for (const path of ['/a', '/d']) await send({ path })
    await settled(store, 8)
    isReduced = false
    for (const path of ['/e', `/${'x'.repeat(600)}`, '/f', '/g', '/a', '/']) await send({ path })
    await settled(store, 9, 'a.example', 'by_request')
    t.strictSame(await countsOf(store, 'a.example', 'by_request'), {
      '/a': 3,
      '/b': 1,
      '/e': 1,
      other: 4
    })
    await clear(store)
  })

  await t.test('no paths are counted where that is not wanted', async (t) => {
    const { send } = await startMetered(t, { store, max_paths: 0, path: ({ url }) => url })
    await send()
    await settled(store, 1, 'unknown')
    t.strictSame(await countsOf(store, 'unknown', 'by_request'), {})
    await clear(store)
  })
}

const LIMITS = {
  limiter: { isShared: true, fallbacks: 0 },
  connections: { slowBodies: 0, slowReaders: 0, pipelines: 0, departed: 0, excess: 0 },
  held: { size: 2 },
  bans: undefined
}

/** Waits until so many requests of a host are in the store. */
async function settled(
  store: Store,
  count: number,
  host = 'a.example',
  what: 'total' | 'by_request' = 'total'
): Promise<void> {
  await waitFor(async () => {
    const counts = Object.values(await countsOf(store, host, what))
    return counts.reduce((sum, one) => sum + one, 0) === count
  }, `${count} in the store`)
}

async function writeGarbage({ driver, keys }: Store, random: Random): Promise<void> {
  const parts = [
    'total',
    'by_method',
    'by_request',
    ':',
    '"',
    '\\',
    '\n',
    '\u{FFFD}',
    'a',
    '200',
    ''
  ]
  const text = (): string =>
    Array.from({ length: random.below(6) }, () => random.pick(parts)).join('')
  for (let n = 0; n < 200; n++) {
    const key = `${keys.metricsPrefix()}${text()}${random.pick([':total', ':by_method', ''])}`
    const fields = { [text()]: text(), [`${random.below(1200)}`]: random.pick(['1', text(), '07']) }
    const operation = random.pick([
      { op: 'set', key, value: text() } as const,
      { op: 'hset', key, fields } as const
    ])
    // A key of the other type may be there.
    await driver.write([operation]).catch(() => undefined)
  }
}
