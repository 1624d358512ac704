import type { Socket } from 'node:net'
import type { UpstreamInput } from '@reliw/model'
import { freePort, startOrigin, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { ask, parseAnswer, writeRequest } from './answer.ts'
import { matchRefusal, matchRest, openClient, startProxy, stateOf } from './app.ts'
import { startFullBacklog } from './full-backlog.ts'

const HOST = 'shop.test'
/** Failures follow one another here: neither retries nor the circuit are what is looked at. */
const ONCE: UpstreamInput = { retry: false, circuit_breaker: false }

const ENDS: Record<string, (socket: Socket) => void> = {
  'a reset': (socket) => void socket.resetAndDestroy(),
  'an end': (socket) => void socket.end(),
  'an end of one direction': (socket) => {
    socket.allowHalfOpen = true
    socket.end()
  }
}

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n'
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

test('an origin that refuses connections is a bad gateway', async (t) => {
  const port = await freePort()
  const proxy = await startProxy(t, { [HOST]: { target: `127.0.0.1:${port}`, ...ONCE } })
  matchRefusal(t, await ask(proxy.port, { host: HOST }), 502, { port })
  matchRefusal(t, await ask(proxy.port, { host: HOST, method: 'POST', body: 'x' }), 502, { port })
  await matchRest(t, proxy)
})

test('an origin whose connections are never taken is a timeout of the gateway', async (t) => {
  const port = await startFullBacklog(t)
  const upstream = { target: `127.0.0.1:${port}`, timeouts: { connect: 0.1 }, ...ONCE }
  const proxy = await startProxy(t, { [HOST]: upstream })
  matchRefusal(t, await ask(proxy.port, { host: HOST }), 504, { port })
  await matchRest(t, proxy)
})

test('requests to an origin that takes no connections do not wait for one another', async (t) => {
  const target = `127.0.0.1:${await startFullBacklog(t)}`
  const proxy = await startProxy(t, { [HOST]: { target, ...ONCE } })
  const clients = Array.from({ length: 5 }, () => openClient(t, proxy))
  for (const client of clients) client.write(writeRequest({ host: HOST }))
  await waitFor(() => proxy.app.upstreams()[0]?.origins[0]?.active === 5, 'five connections')
  for (const client of clients) client.destroy()
  await waitFor(() => stateOf(proxy, HOST).inFlight === 0, 'them to have left')
})

test('an origin that never answers is a timeout of the gateway', async (t) => {
  const origin = await startOrigin(t, () => undefined)
  const upstream = { target: origin.url, timeouts: { headers: 0.1 }, ...ONCE }
  const proxy = await startProxy(t, { [HOST]: upstream })
  matchRefusal(t, await ask(proxy.port, { host: HOST }), 504, origin)
  matchRefusal(t, await ask(proxy.port, { host: HOST, method: 'PUT', body: 'x' }), 504, origin)
  t.equal(origin.requests.length, 2)
  await matchRest(t, proxy, origin)
})

for (const [end, close] of Object.entries(ENDS)) {
  for (const [where, begin] of Object.entries({
    'before an answer': '',
    'in a status line': 'HTTP/1.',
    'in the headers': 'HTTP/1.1 200 OK\r\nContent-Le',
    'after an early hint': 'HTTP/1.1 103 Early Hints\r\n\r\n'
  })) {
    test(`${end} ${where} is a bad gateway`, async (t) => {
      const origin = await startOrigin(t, (_request, socket) => {
        if (begin === '') close(socket)
        else socket.write(begin, () => close(socket))
      })
      const proxy = await startProxy(t, { [HOST]: { target: origin.url, ...ONCE } })
      matchRefusal(t, await ask(proxy.port, { host: HOST }), 502, origin)
      t.equal(origin.accepted, 1)
      await matchRest(t, proxy, origin)
    })
  }

  for (const [what, begin] of Object.entries({
    'a body': `${HEAD}begun`,
    'a chunk': `${CHUNKED}64\r\nbegun`,
    'a chunked body': `${CHUNKED}5\r\nbegun\r\n`,
    trailers: `${CHUNKED}5\r\nbegun\r\n0\r\nX-Sum: 1`
  })) {
    test(`${end} in the middle of ${what} is seen by the client`, async (t) => {
      const begun = Promise.withResolvers<void>()
      const origin = await startOrigin(t, async (_request, socket) => {
        socket.write(begin)
        await begun.promise
        close(socket)
      })
      const proxy = await startProxy(t, { [HOST]: { target: origin.url, ...ONCE } })
      const client = openClient(t, proxy)
      client.write(writeRequest({ host: HOST }))
      const bytes = await client.read('begun')
      begun.resolve()
      const answer = parseAnswer(bytes + (await client.readToEnd()))
      t.match(answer, { status: 200, body: 'begun', isWhole: false })
      await matchRest(t, proxy, origin)
    })
  }
}
