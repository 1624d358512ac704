import type { UpstreamInput } from '@reliw/store'
import { respond, startOrigin, waitFor, type Answer } from '@reliw/testing'
import { test } from 'tap'
import { ask, headerOf, writeRequest } from './answer.ts'
import { matchRefusal, matchRest, openClient, startProxy, type Proxy } from './app.ts'
import { recordEvents } from './recorded-events.ts'

const HOST = 'shop.test'
const bad: Answer = (_request, socket) => void socket.resetAndDestroy()

/** An origin that answers as `answer` says at the time, behind a circuit breaker. */
async function startBehind(
  t: Parameters<typeof startProxy>[0],
  breaker: Exclude<UpstreamInput['circuit_breaker'], false | undefined>,
  settings: UpstreamInput = {}
) {
  const script: { answer: Answer } = { answer: bad }
  const origin = await startOrigin(t, (request, socket) => script.answer(request, socket))
  const upstream = {
    target: origin.url,
    retry: false as const,
    circuit_breaker: breaker,
    ...settings
  }
  const events = recordEvents(t, HOST)
  return { proxy: await startProxy(t, { [HOST]: upstream }), origin, script, events }
}

async function statuses({ port }: Proxy, count: number): Promise<number[]> {
  const all: number[] = []
  for (let at = 0; at < count; at += 1) all.push((await ask(port, { host: HOST })).status)
  return all
}

test('an open circuit refuses at once, says until when, and spares the origin', async (t) => {
  const breaker = { failure_threshold: 3, timeout_seconds: 30 }
  const { proxy, origin, events } = await startBehind(t, breaker)
  t.same(await statuses(proxy, 3), [502, 502, 502])
  const answer = await ask(proxy.port, { host: HOST })
  matchRefusal(t, answer, 503, origin)
  t.match(headerOf(answer, 'retry-after'), /^(30|2\d)$/)
  t.same(await statuses(proxy, 5), Array(5).fill(503))
  t.equal(origin.accepted, 3)
  t.same(events.circuit, [{ upstream: HOST, state: 'open' }])
  t.equal(events.outcome.at(-1)?.result, 'circuit open')
  await matchRest(t, proxy, origin)
})

test('a circuit closes when a few trials went well', async (t) => {
  const breaker = { failure_threshold: 2, success_threshold: 2, timeout_seconds: 0.1 }
  const { proxy, origin, script, events } = await startBehind(t, breaker)
  await statuses(proxy, 2)
  t.match(proxy.app.upstreams(), [{ circuit: 'open' }])
  script.answer = respond('ok')
  await waitFor(async () => (await ask(proxy.port, { host: HOST })).status === 200, 'a trial')
  t.match(proxy.app.upstreams(), [{ circuit: 'half-open' }])
  t.same(await statuses(proxy, 3), [200, 200, 200])
  const states = events.circuit.map(({ state }) => state)
  t.same(states, ['open', 'half-open', 'closed'])
  t.same(proxy.log.map(({ upstream }) => upstream).slice(-1), [{ name: HOST, circuit: 'closed' }])
  await matchRest(t, proxy, origin)
})

test('a trial that fails opens the circuit again', async (t) => {
  const breaker = { failure_threshold: 1, timeout_seconds: 0 }
  const { proxy, origin, events } = await startBehind(t, breaker)
  t.same(await statuses(proxy, 2), [502, 502])
  t.same(
    events.circuit.map(({ state }) => state),
    ['open', 'half-open', 'open']
  )
  t.equal(origin.accepted, 2)
  await matchRest(t, proxy, origin)
})

test('there are only so many trials at a time', async (t) => {
  const breaker = { failure_threshold: 1, timeout_seconds: 0, half_open_max_requests: 2 }
  const { proxy, origin, script } = await startBehind(t, breaker)
  await statuses(proxy, 1)
  script.answer = () => undefined
  const clients = [openClient(t, proxy), openClient(t, proxy)]
  for (const client of clients) client.write(writeRequest({ host: HOST }))
  await waitFor(() => origin.requests.length === 3, 'the trials')
  const answer = await ask(proxy.port, { host: HOST })
  matchRefusal(t, answer, 503, origin)
  t.equal(headerOf(answer, 'retry-after'), '1')
  t.equal(origin.requests.length, 3)
  for (const client of clients) client.destroy()
  await matchRest(t, proxy, origin)
})

test('an error that is the answer of a working origin does not open a circuit', async (t) => {
  const breaker = { failure_threshold: 1, statuses: [503] }
  const { proxy, origin, script } = await startBehind(t, breaker)
  for (const status of [404, 500, 502]) {
    script.answer = respond('no', {}, status)
    t.same(await statuses(proxy, 2), [status, status])
  }
  script.answer = respond('no', {}, 503)
  t.same(await statuses(proxy, 2), [503, 503])
  t.equal(origin.requests.length, 7)
  await matchRest(t, proxy, origin)
})

test('a client that leaves says nothing about the origin', async (t) => {
  const { proxy, origin, script } = await startBehind(t, { failure_threshold: 1 })
  script.answer = () => undefined
  for (let at = 1; at <= 3; at += 1) {
    const client = openClient(t, proxy)
    client.write(writeRequest({ host: HOST }))
    await waitFor(() => origin.requests.length === at, 'the request')
    client.destroy()
    await waitFor(() => origin.connections === 0, 'the end of its connection')
  }
  t.match(proxy.app.upstreams(), [{ circuit: 'closed' }])
  await matchRest(t, proxy, origin)
})
