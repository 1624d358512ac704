import type { Socket } from 'node:net'
import { respond, startOrigin, waitFor, type Origin, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { ask, parseAnswer, writeRequest } from './answer.ts'
import { matchRest, openClient, startProxy, stateOf, type Proxy } from './app.ts'
import { recordEvents } from './recorded-events.ts'

const HOST = 'shop.test'

interface Idle {
  proxy: Proxy
  origin: Origin
  /** The origin's end of a connection that one request was made on. */
  socket: Socket
}

async function startIdle(t: TestContext): Promise<Idle> {
  const sockets: Socket[] = []
  const origin = await startOrigin(t, (request, socket) => {
    sockets.push(socket)
    return respond(`on ${request.connection}`)(request, socket)
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, retry: { backoff: 0 } } })
  await ask(proxy.port, { host: HOST })
  await waitFor(() => stateOf(proxy, HOST).idle === 1, 'an idle connection')
  return { proxy, origin, socket: sockets[0] as Socket }
}

test('connections are used again, by all methods', async (t) => {
  const { proxy, origin } = await startIdle(t)
  for (const method of ['GET', 'POST', 'PUT', 'HEAD', 'GET']) {
    const body = method.startsWith('P') ? { body: 'x' } : {}
    t.equal((await ask(proxy.port, { host: HOST, method, ...body })).status, 200)
  }
  t.equal(origin.accepted, 1)
  await matchRest(t, proxy, origin)
})

for (const [what, close] of Object.entries({
  ends: (socket: Socket): void => void socket.end(),
  resets: (socket: Socket): void => void socket.resetAndDestroy()
})) {
  for (const method of ['GET', 'POST']) {
    test(`a ${method} does not suffer from an origin that ${what} an idle connection`, async (t) => {
      const { proxy, origin, socket } = await startIdle(t)
      const client = openClient(t, proxy)
      await waitFor(() => !client.socket.connecting, 'the client')
      // Both are on their way before either is read.
      close(socket)
      client.write(writeRequest({ host: HOST, method }))
      const answer = parseAnswer(await client.readToEnd())
      t.match(answer, { status: 200, body: 'on 1' })
      // A GET may have been sent on the connection that was ended.
      t.ok(origin.requests.length === 2 || method === 'GET')
      await matchRest(t, proxy, origin)
    })
  }
}

test('a GET on a connection that was ended meanwhile is sent again', async (t) => {
  const origin = await startOrigin(t, (request, socket) => {
    if (origin.requests.length === 2) return void socket.resetAndDestroy()
    return respond(`on ${request.connection}`)(request, socket)
  })
  const events = recordEvents(t, HOST)
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, retry: { backoff: 0 } } })
  t.match(await ask(proxy.port, { host: HOST }), { status: 200, body: 'on 0' })
  t.match(await ask(proxy.port, { host: HOST }), { status: 200, body: 'on 1' })
  t.match(events.attempt, [{ status: 200 }, { failure: 'reset', attempt: 1 }, { status: 200 }])
  await matchRest(t, proxy, origin)
})

for (const [what, bytes] of Object.entries({
  'an answer that nobody asked for': 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
  'an answer in pieces': 'HTTP/1.1 2',
  'a time-out': 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n',
  nothing: '\0'
})) {
  test(`an idle connection that says ${what} is not used again`, async (t) => {
    const { proxy, origin, socket } = await startIdle(t)
    const client = openClient(t, proxy)
    await waitFor(() => !client.socket.connecting, 'the client')
    socket.write(bytes)
    await waitFor(() => origin.connections === 0, 'the end of the connection')
    client.write(writeRequest({ host: HOST }))
    t.match(parseAnswer(await client.readToEnd()), { status: 200, body: 'on 1' })
    await matchRest(t, proxy, origin)
  })
}

for (const [what, extra, framing] of [
  ['another answer', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil', 'Content-Length: 4'],
  ['a byte', '!', 'Content-Length: 4'],
  ['another answer after chunks', 'HTTP/1.1 200 OK\r\n\r\n', 'Transfer-Encoding: chunked'],
  ['a body of a HEAD', 'good', 'Content-Length: 4'],
  ['a body of a 304', 'good', 'Content-Length: 4']
] as const) {
  test(`what follows an answer is no answer to the next request: ${what}`, async (t) => {
    const [status, method] = [
      what.endsWith('304') ? 304 : 200,
      what.endsWith('HEAD') ? 'HEAD' : 'GET'
    ]
    const isEmpty = status === 304 || method === 'HEAD'
    const body = framing.startsWith('T') ? '4\r\ngood\r\n0\r\n\r\n' : 'good'
    const origin = await startOrigin(t, (_request, socket) => {
      const answer = `HTTP/1.1 ${status} Scripted\r\n${framing}\r\n\r\n${isEmpty ? '' : body}`
      socket.write(answer + extra)
    })
    const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
    const asked = { status, body: isEmpty ? '' : 'good', isWhole: true }
    t.match(await ask(proxy.port, { host: HOST, method }), asked)
    t.match(await ask(proxy.port, { host: HOST, method }), asked)
    t.equal(origin.accepted, 2)
    await matchRest(t, proxy, origin)
    t.equal(stateOf(proxy, HOST).idle, 0)
  })
}

test('an answer that was not read to its end does not leak into the next one', async (t) => {
  const origin = await startOrigin(t, (request, socket) => {
    if (request.target !== '/long') return respond('short')(request, socket)
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nbegun')
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const client = openClient(t, proxy)
  client.write(writeRequest({ host: HOST, path: '/long' }))
  await client.read('begun')
  client.destroy()
  t.match(await ask(proxy.port, { host: HOST }), { status: 200, body: 'short' })
  await waitFor(() => origin.accepted === 2, 'another connection')
  await matchRest(t, proxy, origin)
})
