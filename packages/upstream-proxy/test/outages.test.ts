import type { UpstreamInput } from '@reliw/model'
import { freePort, respond, startOrigin, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { ask } from './answer.ts'
import { matchRest, startProxy, stateOf, type Proxy } from './app.ts'
import { recordEvents } from './recorded-events.ts'

const HOST = 'shop.test'

/** Clients that ask without a pause, one connection for each request, until they are told to stop. */
class Crowd {
  readonly statuses: number[] = []
  #isStopped = false
  readonly #clients: Promise<void>[]

  constructor({ port }: Proxy, size: number) {
    this.#clients = Array.from({ length: size }, () => this.#ask(port))
  }

  /** Resolves when that many more answers have come. */
  async answered(count: number): Promise<void> {
    const enough = this.statuses.length + count
    await waitFor(() => this.statuses.length >= enough, 'answers')
  }

  /** Resolves when that many answers in a row were good. */
  async recovered(count: number): Promise<void> {
    const isGood = (): boolean => this.statuses.slice(-count).every((status) => status === 200)
    await waitFor(isGood, 'good answers')
  }

  async leave(): Promise<void> {
    this.#isStopped = true
    await Promise.all(this.#clients)
  }

  async #ask(port: number): Promise<void> {
    for (let at = 0; !this.#isStopped; at += 1) {
      const method = at % 3 === 0 ? 'POST' : 'GET'
      const { status, isWhole } = await ask(port, { host: HOST, method })
      this.statuses.push(isWhole ? status : 0)
    }
  }
}

for (const [what, settings] of Object.entries({
  'one origin': {},
  'one origin without a circuit': { circuit_breaker: false },
  'one origin with few connections': { connections: 3, max_pending: 5 }
} satisfies Record<string, UpstreamInput>)) {
  test(`an outage in the middle of many requests passes: ${what}`, async (t) => {
    const origin = await startOrigin(t, respond('ok'))
    const upstream = { circuit_breaker: { timeout_seconds: 0.1 }, ...settings }
    const proxy = await startProxy(t, { [HOST]: { target: origin.url, ...upstream } })
    const crowd = new Crowd(proxy, 25)
    await crowd.answered(100)
    for (let times = 0; times < 3; times += 1) {
      await origin.stop()
      await crowd.answered(60)
      await origin.start()
      await crowd.recovered(60)
    }
    await crowd.leave()
    t.same(new Set(crowd.statuses).difference(new Set([200, 502, 503])), new Set())
    t.ok(crowd.statuses.includes(200))
    await matchRest(t, proxy, origin)
    t.match(stateOf(proxy, HOST), { active: 0, pending: 0, inFlight: 0 })
  })
}

test('of two origins one can go and come without many noticing it', async (t) => {
  const origins = [await startOrigin(t, respond('ok')), await startOrigin(t, respond('ok'))]
  const targets = origins.map(({ url }) => url)
  const health = { fail_timeout: 0.1 }
  const proxy = await startProxy(t, { [HOST]: { targets, health } })
  const crowd = new Crowd(proxy, 10)
  await crowd.answered(50)
  await origins[0]?.stop()
  await crowd.answered(50)
  await origins[0]?.start()
  const before = origins[0]?.requests.length ?? 0
  await waitFor(() => (origins[0]?.requests.length ?? 0) > before + 20, 'it to be asked again')
  await crowd.recovered(50)
  await crowd.leave()
  // Only requests that it may have acted on are lost.
  t.same(new Set(crowd.statuses).difference(new Set([200, 502])), new Set())
  await matchRest(t, proxy, ...origins)
})

test('retries do not multiply the requests to an upstream that fails', async (t) => {
  const REQUESTS = 200
  const target = `127.0.0.1:${await freePort()}`
  const retry = { max_attempts: 10, backoff: 0, max_backoff: 0 }
  const proxy = await startProxy(t, { [HOST]: { target, retry, circuit_breaker: false } })
  const events = recordEvents(t, HOST)
  const asking = Array.from({ length: REQUESTS }, () => ask(proxy.port, { host: HOST }))
  const statuses = (await Promise.all(asking)).map(({ status }) => status)
  t.same(new Set(statuses), new Set([502]))
  t.ok(events.retry.length <= 0.2 * REQUESTS + 10, `${events.retry.length} retries`)
  t.equal(events.attempt.length, REQUESTS + events.retry.length)
  await matchRest(t, proxy)
})
