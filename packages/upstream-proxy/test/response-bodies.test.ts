import { rawRequest, startOrigin, type Responder as Script } from '@reliw/testing'
import { test } from 'tap'
import { ask, headerOf, parseAnswer, writeRequest } from './answer.ts'
import { matchRest, openClient, startProxy } from './app.ts'

const HOST = 'shop.test'
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

const write =
  (bytes: string): Script =>
  (_request, socket) =>
    void socket.write(bytes, 'latin1')

test('a chunked body comes with those of its trailers that are harmless', async (t) => {
  const trailers = 'X-Sum: 7\r\nX-Sum: b\r\nSet-Cookie: a=b\r\nContent-Length: 1\r\n'
  const origin = await startOrigin(
    t,
    write(`${CHUNKED}5\r\nbegun\r\n2;a=b\r\n!!\r\n0\r\n${trailers}\r\n`)
  )
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const answer = await ask(proxy.port, { host: HOST })
  t.match(answer, { status: 200, body: 'begun!!', isWhole: true })
  t.equal(answer.trailers, 'X-Sum: 7\r\nX-Sum: b\r\n\r\n')
  await matchRest(t, proxy, origin)
})

test('interim responses go before the answer, but for 100', async (t) => {
  const hints = 'HTTP/1.1 103 Early\r\nLink: </a.css>; rel=preload\r\nServer: theirs\r\n\r\n'
  const rest = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n'
  const origin = await startOrigin(
    t,
    write(`${hints}${rest}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi`)
  )
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const answer = await ask(proxy.port, { host: HOST })
  t.match(answer, { status: 200, body: 'hi' })
  t.same(answer.informations, [
    'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nServer: theirs',
    'HTTP/1.1 102 Processing'
  ])
  const old = await rawRequest(proxy.port, `GET / HTTP/1.0\r\nHost: ${HOST}\r\n\r\n`)
  t.match(old, /^HTTP\/1.1 200 /, 'HTTP/1.0 does not know them')
  await matchRest(t, proxy, origin)
})

for (const [what, method, status, framing] of [
  ['HEAD', 'HEAD', 200, 'Content-Length: 1234'],
  ['HEAD of chunks', 'HEAD', 200, 'Transfer-Encoding: chunked'],
  ['304', 'GET', 304, 'Content-Length: 1234'],
  ['304 with chunks', 'GET', 304, 'Transfer-Encoding: chunked'],
  ['204', 'GET', 204, 'Content-Length: 0'],
  ['204 with a length', 'GET', 204, 'Content-Length: 1234'],
  ['205', 'GET', 205, 'Content-Length: 0']
] as const) {
  test(`an answer without a body ends with its head: ${what}`, async (t) => {
    const head = `HTTP/1.1 ${status} Scripted\r\n${framing}\r\nETag: "a"\r\n\r\n`
    const origin = await startOrigin(t, write(head))
    const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
    const client = openClient(t, proxy)
    client.write(writeRequest({ host: HOST, method }, 'keep-alive'))
    const first = parseAnswer(await client.read('\r\n\r\n'), method)
    t.match(first, { status, body: '', isWhole: true })
    t.equal(headerOf(first, 'etag'), '"a"')
    const length = status === 204 ? undefined : /^Content-Length: (\d+)/.exec(framing)?.[1]
    t.equal(headerOf(first, 'content-length'), length)
    client.write(writeRequest({ host: HOST, method }))
    t.match(parseAnswer(await client.readToEnd(), method), { status, isWhole: true })
    // Who announces a body with 204 may well send it.
    const accepted = what === '204 with a length' ? 2 : 1
    t.equal(origin.accepted, accepted, 'both connections are kept')
    await matchRest(t, proxy, origin)
  })
}

test('the head of a stream does not wait for what follows it', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n'
  const origin = await startOrigin(t, write(head))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const client = openClient(t, proxy)
  client.write(writeRequest({ host: HOST }))
  t.match(await client.read('\r\n\r\n'), /^HTTP\/1.1 200 OK\r\n/)
  client.destroy()
  await matchRest(t, proxy, origin)
})

test('an answer without any length ends with its connection', async (t) => {
  const origin = await startOrigin(t, (_request, socket) => {
    socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it')
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const answer = await ask(proxy.port, { host: HOST })
  t.match(answer, { status: 200, body: 'all of it', isWhole: true })
  t.match(answer.head, /^transfer-encoding: chunked$/im)
  await matchRest(t, proxy, origin)
})

test('a client of HTTP/1.0 gets no chunks', async (t) => {
  const origin = await startOrigin(t, write(`${CHUNKED}5\r\nbegun\r\n0\r\nX-Sum: 1\r\n\r\n`))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const bytes = await rawRequest(proxy.port, `GET / HTTP/1.0\r\nHost: ${HOST}\r\n\r\n`)
  t.match(parseAnswer(bytes), { status: 200, body: 'begun' })
  t.notMatch(bytes, /transfer-encoding/i)
  t.match(origin.requests[0]?.head, / HTTP\/1\.1\r\n/)
  await matchRest(t, proxy, origin)
})

test('an origin of HTTP/1.0 is understood, and its connection not kept', async (t) => {
  const origin = await startOrigin(t, write('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi'))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  t.match(await ask(proxy.port, { host: HOST }), { status: 200, body: 'hi', isWhole: true })
  t.match(await ask(proxy.port, { host: HOST }), { status: 200, body: 'hi', isWhole: true })
  t.equal(origin.accepted, 2)
  await matchRest(t, proxy, origin)
})

test('a body of very many small chunks comes whole, and nobody warns of anything', async (t) => {
  const warnings: string[] = []
  const onWarning = ({ message }: Error): void => void warnings.push(message)
  process.on('warning', onWarning)
  t.teardown(() => process.off('warning', onWarning))
  const chunks = '1\r\nx\r\n'.repeat(100_000)
  const origin = await startOrigin(t, write(`${CHUNKED}${chunks}0\r\n\r\n`))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const answer = await ask(proxy.port, { host: HOST })
  t.ok(answer.isWhole)
  t.ok(answer.body === 'x'.repeat(100_000))
  await matchRest(t, proxy, origin)
  t.same(warnings, [])
})
