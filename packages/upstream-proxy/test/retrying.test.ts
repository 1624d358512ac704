import type { Socket } from 'node:net'
import type { UpstreamInput } from '@reliw/model'
import { freePort, respond, startOrigin, type Responder, type Origin } from '@reliw/testing'
import { test, type Test } from 'tap'
import { ask, headerOf } from './answer.ts'
import { matchRefusal, matchRest, startProxy, type Proxy } from './app.ts'
import { recordEvents } from './recorded-events.ts'

const HOST = 'shop.test'
const FAST: UpstreamInput = { circuit_breaker: false, retry: { backoff: 0 } }

const reset: Responder = (_request, socket: Socket) => void socket.resetAndDestroy()
const unavailable = (headers = {}): Responder => respond('busy', headers, 503)

/** A first origin that answers as it is told, and a second one that is well. */
async function startPair(
  t: Test,
  first: Responder,
  settings: UpstreamInput = FAST
): Promise<{ proxy: Proxy; origins: [Origin, Origin] }> {
  const origins: [Origin, Origin] = [
    await startOrigin(t, first),
    await startOrigin(t, respond('ok'))
  ]
  const targets = origins.map(({ url }) => url)
  return { proxy: await startProxy(t, { [HOST]: { targets, ...settings } }), origins }
}

for (const [what, answer] of Object.entries({ 'was reset': reset, 'got a 503': unavailable() })) {
  for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS']) {
    test(`a ${method} that ${what} is sent to another origin`, async (t) => {
      const { proxy, origins } = await startPair(t, answer)
      t.equal((await ask(proxy.port, { host: HOST, method })).status, 200)
      t.same(
        origins.map(({ requests }) => requests.length),
        [1, 1]
      )
      await matchRest(t, proxy, ...origins)
    })
  }
}

test('what was refused is sent to another origin, be it what it may', async (t) => {
  const port = await freePort()
  const origin = await startOrigin(t, respond('ok'))
  const targets = [`127.0.0.1:${port}`, origin.url]
  const proxy = await startProxy(t, { [HOST]: { targets, health: { max_fails: 0 }, ...FAST } })
  for (const method of ['GET', 'POST', 'PATCH']) {
    for (let times = 0; times < 2; times += 1) {
      const body = method === 'GET' ? {} : { body: 'once' }
      t.equal((await ask(proxy.port, { host: HOST, method, ...body })).status, 200, method)
    }
  }
  t.equal(origin.requests.length, 6)
  for (const { body, method } of origin.requests) {
    t.equal(String(await body), method === 'GET' ? '' : 'once')
  }
  await matchRest(t, proxy, origin)
})

for (const [what, answer, status] of [
  ['was reset', reset, 502],
  ['got a 503', unavailable(), 503]
] as const) {
  test(`what may have been done is never sent twice: it ${what}`, async (t) => {
    const { proxy, origins } = await startPair(t, answer)
    const [first, second] = origins
    const put = { method: 'PUT', body: 'x' }
    for (const question of [{ method: 'POST' }, { method: 'POST', body: 'x' }, put]) {
      // The second origin’s turn is in between.
      const statuses = [await ask(proxy.port, { host: HOST, ...question })]
      statuses.push(await ask(proxy.port, { host: HOST, ...question }))
      t.same(new Set(statuses.map(({ status }) => status)), new Set([200, status]))
    }
    t.same([first.requests.length, second.requests.length], [3, 3])
    await matchRest(t, proxy, ...origins)
  })
}

test('what the origin says of the request itself is passed on', async (t) => {
  for (const status of [400, 404, 409, 429, 500, 501]) {
    const { proxy, origins } = await startPair(t, respond('no', {}, status))
    t.match(await ask(proxy.port, { host: HOST }), { status, body: 'no' })
    t.equal(origins[1].requests.length, 0)
  }
})

test('there are no more attempts than allowed, and the last answer is passed on', async (t) => {
  const origin = await startOrigin(t, (request, socket) =>
    respond(`attempt ${origin.requests.length}`, {}, 503)(request, socket)
  )
  const retry = { max_attempts: 4, backoff: 0 }
  const upstream = { target: origin.url, circuit_breaker: false as const, retry }
  const proxy = await startProxy(t, { [HOST]: upstream })
  t.match(await ask(proxy.port, { host: HOST }), { status: 503, body: 'attempt 4' })
  await matchRest(t, proxy, origin)
})

test('there are no retries where they are switched off', async (t) => {
  const { proxy, origins } = await startPair(t, reset, { retry: false, health: { max_fails: 0 } })
  matchRefusal(t, await ask(proxy.port, { host: HOST }), 502, origins[0])
  t.equal(origins[1].requests.length, 0)
  await matchRest(t, proxy, ...origins)
})

test('a Retry-After that is short is waited for', async (t) => {
  const origin = await startOrigin(t, (request, socket) => {
    const isFirst = origin.requests.length === 1
    return (isFirst ? unavailable({ 'Retry-After': '1' }) : respond('ok'))(request, socket)
  })
  const retry = { backoff: 0, max_backoff: 2 }
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, retry } })
  const { retry: retries } = recordEvents(t, HOST)
  t.match(await ask(proxy.port, { host: HOST }), { status: 200, body: 'ok' })
  t.match(retries, [{ attempt: 2, delay: 1000 }])
  await matchRest(t, proxy, origin)
})

test('a Retry-After that is long is the client’s', async (t) => {
  const origin = await startOrigin(t, unavailable({ 'Retry-After': '3' }))
  const retry = { backoff: 0, max_backoff: 2 }
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, retry } })
  const answer = await ask(proxy.port, { host: HOST })
  t.match(answer, { status: 503, body: 'busy', isWhole: true })
  t.equal(headerOf(answer, 'retry-after'), '3')
  t.equal(origin.requests.length, 1)
  await matchRest(t, proxy, origin)
})

test('an answer that has begun is not asked for again', async (t) => {
  const { proxy, origins } = await startPair(t, (_request, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun', () =>
      socket.resetAndDestroy()
    )
  })
  t.match(await ask(proxy.port, { host: HOST }), { isWhole: false })
  t.equal(origins[1].requests.length, 0)
  await matchRest(t, proxy, ...origins)
})
