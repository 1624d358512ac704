import { Entry, type Store } from '@reliw/model'
import { startRedis, tempDir, waitFor } from '@reliw/testing'
import Fastify, { type FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import { clientOf } from '../src/rates/client-of.ts'
import { limits, type LimitsOptions } from '../src/index.ts'
import { openFor } from './bans-contract.ts'

const TIMES = 2000
const AT_ONCE = 200

interface Flooded {
  /** How often each status was answered. */
  statuses: Map<number, number>
  keys: number
}

/** One client asks so many times, each time for something else. */
async function flood(
  t: Test,
  store: Store,
  options: LimitsOptions,
  requested: (n: number) => { url?: string; headers?: Record<string, string> }
): Promise<Flooded> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(limits, { store, pressure: { enabled: false }, ...options })
  const rate_limit = { GET: { limit: 50, period: 3600 } }
  const entry = Entry.parse({ methods: { GET: true }, rate_limit })
  app.all('/*', async (request, reply) => {
    await app.limit(request, reply, entry)
    return 'served'
  })
  const statuses = new Map<number, number>()
  // On a busy machine the store may respond too late to be waited for.
  await waitFor(async () => {
    const { limiter } = app.limits
    const { fallbacks } = limiter
    const { url = '/', headers } = requested(0)
    await app.inject({ url, headers: { host: 'a.example', ...headers } })
    return limiter.fallbacks === fallbacks
  }, 'the store to count')
  for (let n = 0; n < TIMES; n += AT_ONCE) {
    const batch = Array.from({ length: AT_ONCE }, async (_, at) => {
      const { url = '/', headers } = requested(n + at)
      return app.inject({ url, headers: { host: 'a.example', ...headers } })
    })
    for (const { statusCode } of await Promise.all(batch))
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
  }
  let keys = 0
  for await (const found of store.driver.keys('RLW:LIMITS:')) keys += found.length
  return { statuses, keys }
}

async function contract(t: Test, store: Store): Promise<void> {
  await t.test('as many paths as a client likes of one entry are one budget', async (t) => {
    const { statuses, keys } = await flood(t, store, {}, (n) => ({ url: `/missing/${n}` }))
    t.ok((statuses.get(429) ?? 0) > TIMES / 2, JSON.stringify([...statuses]))
    t.equal(keys, 1)
  })

  await t.test('all hosts that are not sites share one budget', async (t) => {
    const rate_limits = [{ name: 'all', limit: 50, period: '1h' }]
    const { statuses, keys } = await flood(t, store, { rate_limits }, (n) => ({
      headers: { host: `h${n}.example` }
    }))
    t.ok((statuses.get(429) ?? 0) > TIMES / 2, JSON.stringify([...statuses]))
    t.ok(keys <= 5, `${keys} keys`)
  })
}

t.test('the budgets of one client are bounded in the embedded store', async (t) => {
  await contract(t, await openFor(t, { dir: tempDir(t) }))
})

t.test('the budgets of one client are bounded in Redis', async (t) => {
  const { port } = await startRedis(t)
  await contract(t, await openFor(t, { redis: { port, db: 0, timeout: '5s' } }))
})

t.test('a site, by routes or by an upstream, has a budget of its own', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  await store.driver.write([
    { op: 'set', key: store.keys.routes('a.example'), value: '[]' },
    { op: 'set', key: store.keys.proxy('b.example'), value: '{"target":"127.0.0.1:1"}' },
    { op: 'set', key: store.keys.routes('wrong.example'), value: '{' }
  ])
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(limits, { store, rate_limits: [{ name: 'one', limit: 1, period: '1d' }] })
  app.get('/', async () => 'served')
  const send = async (host: string): Promise<number> =>
    (await app.inject({ url: '/', headers: { host } })).statusCode
  for (const host of ['a.example', 'b.example', 'wrong.example', 'nowhere.example']) {
    t.equal(await send(host), 200, host)
    t.equal(await send(host), 429, host)
  }
  t.equal(await send('elsewhere.example'), 429, 'hosts that are no sites share one')
})

t.test('security: values of a header are 65,536 slots, however many there are', async (t) => {
  const raw = { headers: {} as Record<string, string> }
  const counted = {
    request: { raw } as unknown as FastifyRequest,
    clientIp: '192.0.2.1',
    user: undefined
  }
  const slots = new Set<string>()
  for (let n = 0; n < 500_000; n++) {
    raw.headers['x-token'] = `${n}`
    slots.add(clientOf(counted, 'header:x-token'))
  }
  t.ok(slots.size <= 65_536, `${slots.size}`)
  t.ok(slots.size > 60_000, 'which are used evenly')
})

t.test('values of a header in the store are slots', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  const rate_limits = [{ name: 'token', limit: 1, period: '1h', key: 'header:x-token' }]
  await store.driver.write([{ op: 'set', key: store.keys.routes('a.example'), value: '[]' }])
  const { keys } = await flood(t, store, { rate_limits }, (n) => ({
    headers: { 'x-token': `${n % 20}` }
  }))
  // None at all where the machine is so busy that the store is not waited for.
  t.ok(keys <= 21, `${keys} keys of 20 values and the entry`)
})
