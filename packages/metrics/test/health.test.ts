import { openStore } from '@reliw/store'
import { openRaw, portOf, rawRequest, startRedis, tempDir, waitFor } from '@reliw/testing'
import t from 'tap'
import { requestOf, startMetered } from './metered-app.ts'
import { openFor } from './stores.ts'

async function getJson(url: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, { headers: { connection: 'close' } })
  return { status: response.status, body: await response.json() }
}

const READY = { status: 200, body: { status: 'ready' } }
const ALIVE = { status: 200, body: { status: 'alive' } }
const unready = (reason: string) => ({ status: 503, body: { status: 'not ready', reason } })

t.test('a server without a store is alive and ready', async (t) => {
  const { url } = await startMetered(t)
  t.strictSame(await getJson(`${url}/livez`), ALIVE)
  t.strictSame(await getJson(`${url}/readyz`), READY)
})

t.test(
  'a server is not ready before the store has responded, and stays ready when it is lost',
  async (t) => {
    const redis = await startRedis(t)
    const { host, port } = redis
    await redis.stop()
    const store = await openStore({ redis: { host, port, db: 0 } })
    t.teardown(() => store.close())
    const { scrape, url } = await startMetered(t, { store })
    t.strictSame(await getJson(`${url}/livez`), ALIVE)
    t.strictSame(await getJson(`${url}/readyz`), unready('the store has not responded yet'))
    const before = await scrape()
    t.equal(before.value('reliw_ready'), 0)
    t.equal(before.value('reliw_store_up'), 0)
    t.match((await getJson(`${url}/status`)).body, {
      status: 'the store has not responded yet',
      store: { driver: 'redis', connected: false }
    })
    await redis.restart()
    await waitFor(() => store.connected, 'the store')
    t.strictSame(await getJson(`${url}/readyz`), READY)
    t.equal((await scrape()).value('reliw_ready'), 1)
    await redis.kill9()
    await waitFor(() => !store.connected, 'the loss')
    t.strictSame(await getJson(`${url}/readyz`), READY, 'cached values are served')
  }
)

t.test('a server is not ready while it drains, and still responds to checks', async (t) => {
  const held = Promise.withResolvers<string>()
  const { app, port, scrape, url } = await startMetered(t, {}, (app) => {
    app.get('/held', () => held.promise)
  })
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  client.write(requestOf({ path: '/held' }))
  await waitFor(async () => (await scrape()).value('reliw_requests_in_flight') === 1, 'the request')
  const closed = app.close()
  await waitFor(async () => (await getJson(`${url}/readyz`)).status === 503, 'the draining')
  t.strictSame(await getJson(`${url}/readyz`), unready('draining'))
  t.strictSame(await getJson(`${url}/livez`), ALIVE)
  const read = await scrape()
  t.equal(read.value('reliw_ready'), 0)
  t.equal(read.value('reliw_requests_in_flight'), 1)
  held.resolve('released')
  t.match(await client.readToEnd(), 'released')
  await closed
  await t.rejects(fetch(`${url}/livez`))
})

t.test(
  'a server is not ready while the process is overloaded, and reports the resource',
  async (t) => {
    const pressure = { level: 'reduced', cause: 'rss', isReduced: true, shares: { rss: 0.91 } }
    const limits = () => ({
      pressure,
      limiter: { isShared: true, fallbacks: 0 },
      connections: { slowBodies: 0, slowReaders: 0, pipelines: 0, departed: 0, excess: 0 },
      held: { size: 2 },
      bans: undefined
    })
    const { scrape, url } = await startMetered(t, { limits })
    t.strictSame(await getJson(`${url}/readyz`), READY)
    pressure.level = 'overloaded'
    t.strictSame(await getJson(`${url}/readyz`), unready('overloaded: rss'))
    t.strictSame(await getJson(`${url}/livez`), ALIVE)
    t.match((await getJson(`${url}/status`)).body, { status: 'overloaded: rss' })
    t.equal((await scrape()).value('reliw_ready'), 0)
    pressure.level = 'normal'
    t.strictSame(await getJson(`${url}/readyz`), READY)
  }
)

t.test('health_path serves the checks on the main listener, whatever the host', async (t) => {
  const { port } = await startMetered(t, { health_path: '/-/health' })
  const send = async (path: string, host = 'x', method = 'GET'): Promise<string> =>
    rawRequest(port, requestOf({ path, host, method }))
  for (const host of ['a.example', '127.0.0.1', '[::1]:80', 'no_host']) {
    t.match(await send('/-/health/livez', host), /^HTTP\/1.1 200 [^]*{"status":"alive"}$/)
    t.match(await send('/-/health/readyz', host), /^HTTP\/1.1 200 [^]*{"status":"ready"}$/)
  }
  const head = await send('/-/health/readyz', 'x', 'HEAD')
  t.match(head, /^HTTP\/1.1 200 [^]*cache-control: no-store[^]*\r\n\r\n$/)
  t.match(await send('/-/health/status'), 'served', 'the rest is the app’s')
  t.match(await send('/livez'), 'served')
})

t.test('on the main listener it is not ready for the same reasons', async (t) => {
  const redis = await startRedis(t)
  const { host, port: redisPort } = redis
  await redis.stop()
  const store = await openStore({ redis: { host, port: redisPort } })
  t.teardown(() => store.close())
  const { port } = await startMetered(t, { store, health_path: '/h' })
  const response = await rawRequest(port, requestOf({ path: '/h/readyz' }))
  t.match(response, /^HTTP\/1.1 503 [^]*"reason":"the store has not responded yet"/)
  const head = await rawRequest(port, requestOf({ path: '/h/readyz', method: 'HEAD' }))
  t.match(head, /^HTTP\/1.1 503 [^]*\r\n\r\n$/)
})

t.test('a health_path that is no path is refused', async (t) => {
  for (const health_path of ['', '/', 'health', '/a/', '/a b', '/:x', '/*', '/a//b', '/ä']) {
    await t.rejects(
      startMetered(t, { health_path }),
      { code: 'RELIW_INVALID_OPTIONS' },
      health_path
    )
  }
})

t.test('the status has all fields', async (t) => {
  const dir = tempDir(t)
  const store = await openFor(t, { dir })
  const directories = { data_dir: dir, missing: `${dir}/missing` }
  const options = { store, version: '1.2.3', directories }
  const { app, port, url } = await startMetered(t, options, (app) => {
    app.get('/fails', async () => {
      throw new Error('on purpose')
    })
    app.get('/held', () => new Promise<never>(() => undefined))
  })
  await rawRequest(port, requestOf({ path: '/fails' }))
  for (let n = 0; n < 3; n++) await rawRequest(port, requestOf())
  const client = openRaw(portOf(app.server))
  t.teardown(() => client.destroy())
  client.write(requestOf({ path: '/held' }))
  const body = await waitFor(async () => {
    const { body } = (await getJson(`${url}/status`)) as { body: Record<string, unknown> }
    return body['in_flight'] === 1 && body['connections'] === 1 && body
  }, 'the request')
  t.strictSame(Object.keys(body), [
    'status',
    'version',
    'uptime',
    'workers',
    'connections',
    'in_flight',
    'recent',
    'store',
    'upstreams',
    'certificates',
    'disk',
    'memory'
  ])
  t.match(body, {
    status: 'ready',
    version: '1.2.3',
    uptime: Number,
    workers: 1,
    recent: { requests: 4, error_rate: 0.25 },
    store: { driver: 'embedded', connected: true, kept_bytes: Number, hits: Number },
    upstreams: [],
    certificates: [],
    disk: { data_dir: { free_bytes: Number, total_bytes: Number } },
    memory: { rss: Number, heap_used: Number, external: Number }
  })
  t.strictSame(
    Object.keys(body['disk'] as object),
    ['data_dir'],
    'missing directories are left out'
  )
})

t.test('the status of a server whose store hangs is available', async (t) => {
  const redis = await startRedis(t)
  const { host, port } = redis
  const store = await openFor(t, { redis: { host, port, timeout: '300ms' } })
  const { url } = await startMetered(t, { store })
  redis.pause()
  t.teardown(() => redis.resume())
  await waitFor(() => !store.connected, 'the loss')
  t.match(await getJson(`${url}/status`), { status: 200, body: { store: { connected: false } } })
  redis.resume()
})
