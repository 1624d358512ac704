import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { portOf, startRedis, type TestContext, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { openFor } from './bans-contract.ts'
import { buildApp, type LimitedApp } from './limited-app.ts'

const MANY = { name: 'many', limit: 1_000_000_000, period: '1d', algorithm: 'gcra' } as const
const CLIENTS = 8

interface Traffic {
  /** Status or error → how often it was the response. */
  responses: Map<string, number>
  /** Answers in all. */
  count: () => number
  /** Waits for that many responses more. */
  more: (responses: number) => Promise<void>
  /** Ends it; resolves when nobody waits any more. */
  stop: () => Promise<void>
}

/** Clients send one request after the other, on connections that they keep. */
async function startTraffic(t: TestContext, { app }: LimitedApp): Promise<Traffic> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const responses = new Map<string, number>()
  const state = { isOver: false }
  const run = async (): Promise<void> => {
    while (!state.isOver) {
      const response = await askOnce(portOf(app.server), agent)
      responses.set(response, (responses.get(response) ?? 0) + 1)
    }
  }
  const running = Promise.all(Array.from({ length: CLIENTS }, run))
  const count: Traffic['count'] = () => [...responses.values()].reduce((sum, one) => sum + one, 0)
  return {
    responses,
    count,
    async more(wanted) {
      const before = count()
      await waitFor(() => count() >= before + wanted, 'responses')
    },
    async stop() {
      state.isOver = true
      await running
    }
  }
}

/** The status of a response, or why there is none. */
async function askOnce(port: number, agent: Agent): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const options = { port, agent, headers: { host: 'a.example' } }
  request(options, (response) => {
    response.resume().once('end', () => resolve(String(response.statusCode)))
  })
    .on('error', (error) => resolve(error.message))
    .end()
  return promise
}

async function start(t: Test) {
  const redis = await startRedis(t)
  const store = await openFor(t, { redis: { port: redis.port, db: 0 } })
  const limited = await buildApp(t, { store, rate_limits: [MANY] })
  const traffic = await startTraffic(t, limited)
  t.teardown(() => traffic.stop())
  await traffic.more(50)
  return { redis, store, traffic, limiter: limited.app.limits.limiter }
}

t.test(
  'a Redis that is killed under traffic fails no request, nor leaves one hanging',
  async (t) => {
    const { redis, store, traffic, limiter } = await start(t)
    for (let n = 0; n < 2; n++) {
      await redis.kill9()
      await waitFor(() => !store.connected, 'the loss')
      await traffic.more(50)
      t.equal(limiter.isShared, false)
      await redis.restart()
      await waitFor(() => limiter.isShared, 'the return')
      await traffic.more(50)
    }
    await traffic.stop()
    t.same([...traffic.responses.keys()], ['200'])
  }
)

t.test('a Redis that hangs under traffic does not either', async (t) => {
  const { redis, traffic, limiter } = await start(t)
  redis.pause()
  t.teardown(() => redis.resume())
  await waitFor(() => !limiter.isShared, 'the first to give up')
  const before = limiter.fallbacks
  await traffic.more(50)
  t.ok(limiter.fallbacks > before)
  redis.resume()
  await waitFor(() => limiter.isShared, 'the return')
  await traffic.more(50)
  await traffic.stop()
  t.same([...traffic.responses.keys()], ['200'])
})

t.test('a request does not wait for a Redis that hangs', async (t) => {
  const redis = await startRedis(t)
  const store = await openFor(t, { redis: { port: redis.port, db: 0, timeout: '20s' } })
  const rate_limits = [{ ...MANY, limit: 2, algorithm: 'fixed' as const }]
  const { statuses } = await buildApp(t, { store, rate_limits })
  await statuses(1, { ip: '192.0.2.9' })
  redis.pause()
  t.teardown(() => redis.resume())
  const late = delay(500, 'late', { ref: false })
  t.same(await Promise.race([statuses(4), late]), [200, 200, 429, 429])
})
