import type { UpstreamInput } from '@reliw/model'
import { freePort, respond, startOrigin, waitFor, type Responder } from '@reliw/testing'
import { test } from 'tap'
import { ask, headerOf, writeRequest } from './answer.ts'
import {
  askUntilRefused,
  matchRefusal,
  matchRest,
  openClient,
  startProxy,
  stateOf,
  type Proxy
} from './app.ts'
import { recordEvents } from './recorded-events.ts'

const HOST = 'shop.test'
const reset: Responder = (_request, socket) => void socket.resetAndDestroy()
const resetSome: Responder = (request, socket) =>
  (request.target.startsWith('/bad') ? reset : respond('ok'))(request, socket)

/** An origin that answers as `answer` says at the time; clients are who X-Client says. */
async function startBehind(
  t: Parameters<typeof startProxy>[0],
  circuit_breaker: UpstreamInput['circuit_breaker'] = {},
  settings: UpstreamInput = {}
) {
  const script: { answer: Responder } = { answer: reset }
  const origin = await startOrigin(t, (request, socket) => script.answer(request, socket))
  const upstream = { target: origin.url, retry: false as const, circuit_breaker, ...settings }
  const events = recordEvents(t, HOST)
  const proxy = await startProxy(
    t,
    { [HOST]: upstream },
    { known: ({ headers }) => ({ clientIp: String(headers['x-client'] ?? '192.0.2.1') }) }
  )
  return { proxy, origin, script, events }
}

async function statuses({ port }: Proxy, count: number, path = '/'): Promise<number[]> {
  const all: number[] = []
  for (let at = 0; at < count; at += 1) all.push((await ask(port, { host: HOST, path })).status)
  return all
}

/** As many requests, each of another client and for another path. */
async function failWidely({ port }: Proxy, count: number): Promise<Set<number>> {
  const asking = Array.from({ length: count }, (_, at) => {
    const headers = [`X-Client: 198.51.100.${at}`]
    return ask(port, { host: HOST, path: `/at/${at}`, headers })
  })
  return new Set((await Promise.all(asking)).map(({ status }) => status))
}

for (const [what, bad, status] of [
  ['a 503 of the app', respond('no', {}, 503), 503],
  ['no valid HTTP', (_request, socket) => void socket.end('nonsense\r\n\r\n'), 502],
  ['a broken connection', reset, 502],
  ['too slow', () => undefined, 504]
] as const satisfies [string, Responder, number][]) {
  test(`a path whose answer is ${what} takes the host from nobody`, async (t) => {
    const { proxy, origin, script, events } = await startBehind(
      t,
      {},
      { timeouts: { headers: 0.1 } }
    )
    script.answer = (request, socket) =>
      (request.target.startsWith('/bad') ? bad : respond('ok'))(request, socket)
    t.same(await statuses(proxy, 1, '/good'), [200])
    t.same(await statuses(proxy, 5, '/bad'), Array(5).fill(status))
    const asking = Array.from({ length: 60 }, (_, at) =>
      ask(proxy.port, { host: HOST, path: `/bad?${at}` })
    )
    t.same(new Set((await Promise.all(asking)).map((one) => one.status)), new Set([status]))
    t.same(await statuses(proxy, 3, '/good'), [200, 200, 200])
    t.same(events.circuit, [])
    await matchRest(t, proxy, origin)
  })
}

test('of two origins neither is taken out because of one path, or one client', async (t) => {
  const origins = [await startOrigin(t, resetSome), await startOrigin(t, resetSome)]
  const upstream = { targets: origins.map(({ url }) => url), retry: false as const }
  const proxy = await startProxy(t, { [HOST]: upstream })
  t.same(await statuses(proxy, 2, '/good'), [200, 200])
  t.same(await statuses(proxy, 20, '/bad'), Array(20).fill(502))
  const [state] = proxy.app.upstreams()
  t.match(state, { circuit: 'closed', origins: [{ healthy: true }, { healthy: true }] })
  await matchRest(t, proxy, ...origins)
})

test('an origin that answers nobody is left to itself, though one client asks for one path', async (t) => {
  const hung = await startOrigin(t, () => undefined)
  const good = await startOrigin(t, respond('ok'))
  const targets = [hung.url, good.url]
  const proxy = await startProxy(t, { [HOST]: { targets, timeouts: { headers: 0.1 } } })
  const asked = await statuses(proxy, 12)
  t.ok(asked.filter((status) => status === 504).length <= 4, asked.join(' '))
  t.match(proxy.app.upstreams(), [{ circuit: 'closed', origins: [{ healthy: false }, {}] }])
  await matchRest(t, proxy, hung, good)
})

test('an upstream that answers nobody opens the circuit, though one client asks for one path', async (t) => {
  const { proxy, origin, events } = await startBehind(t)
  t.same(await statuses(proxy, 20), Array(20).fill(502))
  t.match(events.circuit, [{ state: 'open' }])
  await matchRest(t, proxy, origin)
})

test('an origin that cannot be reached opens the circuit, whoever asks', async (t) => {
  const target = `127.0.0.1:${await freePort()}`
  const events = recordEvents(t, HOST)
  const proxy = await startProxy(t, { [HOST]: { target, retry: false } })
  t.same(await statuses(proxy, 19), Array(19).fill(502))
  t.match(proxy.app.upstreams(), [{ circuit: 'closed' }])
  t.same(await statuses(proxy, 1), [502])
  t.match(proxy.app.upstreams(), [{ circuit: 'open' }])
  t.match(events.circuit, [{ upstream: HOST, state: 'open' }])
  t.equal(events.circuit.length, 1)
  t.match(proxy.log.find(({ msg }) => msg === 'circuit changed')?.['upstream'], {
    name: HOST,
    circuit: 'open'
  })
  await matchRest(t, proxy)
})

test('while a circuit is open a few requests at a time go through, and the others know when to come', async (t) => {
  const { proxy, origin, script, events } = await startBehind(t, {
    failure_threshold: 8,
    half_open_max_requests: 2
  })
  await failWidely(proxy, 16)
  t.match(proxy.app.upstreams(), [{ circuit: 'open' }])
  script.answer = () => undefined
  const refused = await askUntilRefused(t, proxy, origin, HOST)
  matchRefusal(t, refused, 503, origin)
  t.match(headerOf(refused, 'retry-after'), /^[124]$/)
  t.equal(events.outcome.at(-1)?.result, 'circuit open')
  t.ok(origin.connections >= 2)
  origin.closeConnections()
  await waitFor(() => stateOf(proxy, HOST).inFlight === 0, 'room')
  script.answer = respond('ok')
  t.same(await statuses(proxy, 3), [200, 200, 200], 'at once, when it is well again')
  t.same(
    events.circuit.map(({ state }) => state),
    ['open', 'half-open', 'closed']
  )
  await matchRest(t, proxy, origin)
})

test('requests that hang do not keep an upstream from being probed', async (t) => {
  const { proxy, origin, script } = await startBehind(t, {
    failure_threshold: 4,
    half_open_max_requests: 1,
    success_threshold: 1
  })
  await failWidely(proxy, 16)
  script.answer = (request, socket) =>
    request.target === '/hang' ? undefined : respond('ok')(request, socket)
  const before = origin.requests.length
  const client = openClient(t, proxy)
  client.write(writeRequest({ host: HOST, path: '/hang' }))
  await waitFor(() => origin.requests.length > before, 'the trial')
  await waitFor(async () => (await ask(proxy.port, { host: HOST })).status === 200, 'a probe')
  t.match(proxy.app.upstreams(), [{ circuit: 'closed' }])
  client.destroy()
  await matchRest(t, proxy, origin)
})

test('slow uploads do not keep an upstream from being found well', async (t) => {
  const { proxy, origin, script } = await startBehind(t, { failure_threshold: 4 })
  await failWidely(proxy, 16)
  script.answer = respond('ok')
  const before = origin.requests.length
  const headers = ['Content-Length: 100000']
  const uploads = Array.from({ length: 3 }, () => openClient(t, proxy))
  for (const upload of uploads) {
    upload.write(writeRequest({ host: HOST, method: 'PUT', headers }) + 'x'.repeat(99_999))
  }
  const refused = (): number => uploads.filter(({ socket }) => socket.bytesRead > 0).length
  await waitFor(() => origin.requests.length - before + refused() === 3, 'what becomes of them')
  t.same(await statuses(proxy, 2), [200, 200])
  t.match(proxy.app.upstreams(), [{ circuit: 'closed' }])
  for (const upload of uploads) upload.destroy()
  await matchRest(t, proxy, origin)
})

test('a body is not announced while a circuit is open', async (t) => {
  const { proxy, origin, script } = await startBehind(t, { failure_threshold: 4 })
  await failWidely(proxy, 16)
  script.answer = respond('ok')
  const before = origin.requests.length
  const client = openClient(t, proxy)
  const headers = ['Content-Length: 100000', 'Expect: 100-continue']
  client.write(writeRequest({ host: HOST, method: 'PUT', headers }))
  await client.read('HTTP/1.1 100 Continue\r\n\r\n')
  t.equal(origin.requests.length, before)
  client.write('x'.repeat(100_000))
  await client.read('HTTP/1.1 200')
  t.equal(origin.requests.at(-1)?.header('expect'), undefined)
  client.destroy()
  await matchRest(t, proxy, origin)
})

for (const status of [404, 500, 502, 503]) {
  test(`an answer opens a circuit only where the site says that it is a failure: ${status}`, async (t) => {
    const { proxy, origin, script, events } = await startBehind(t, {
      failure_threshold: 4,
      statuses: [503]
    })
    script.answer = respond('no', {}, status)
    await failWidely(proxy, 16)
    t.match(events.circuit, status === 503 ? [{ state: 'open' }] : [])
    t.equal(events.circuit.length, status === 503 ? 1 : 0)
    await matchRest(t, proxy, origin)
  })
}

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
