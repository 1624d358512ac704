import { startOrigin, respond, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { ask, parseAnswer, writeRequest } from './answer.ts'
import { matchRefusal, matchRest, openClient, startProxy } from './app.ts'

const HOST = 'shop.test'
const CHUNKED = { host: HOST, method: 'POST', headers: ['Transfer-Encoding: chunked'] }

const chunk = (data: string): string => `${data.length.toString(16)}\r\n${data}\r\n`

test('a body comes to the origin as it was framed, its trailers with it', async (t) => {
  const origin = await startOrigin(t, respond('done'))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  await ask(proxy.port, { host: HOST, method: 'POST', body: 'with a length' })
  const client = openClient(t, proxy)
  client.write(writeRequest(CHUNKED))
  client.write(`${chunk('one')}${chunk('two')}0\r\nX-Sum: 6\r\nX-Real-IP: ::1\r\n\r\n`)
  t.match(parseAnswer(await client.readToEnd()), { status: 200, body: 'done' })
  const [known, unknown] = origin.requests
  t.match(known, { method: 'POST' })
  t.equal(known?.header('content-length'), '13')
  t.equal(String(await known?.body), 'with a length')
  t.equal(unknown?.header('transfer-encoding'), 'chunked')
  t.equal(unknown?.header('content-length'), undefined)
  t.equal(String(await unknown?.body), 'onetwo')
  t.same(unknown?.trailers, [['X-Sum', '6']])
  await matchRest(t, proxy, origin)
})

test('a body that says it is too long is refused, and the origin not asked', async (t) => {
  const origin = await startOrigin(t, respond(''))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, max_body_size: 10 } })
  const body = 'x'.repeat(11)
  matchRefusal(t, await ask(proxy.port, { host: HOST, method: 'POST', body }), 413, origin)
  t.equal(origin.accepted, 0)
  const fitting = await ask(proxy.port, { host: HOST, method: 'POST', body: body.slice(1) })
  t.equal(fitting.status, 200)
  await matchRest(t, proxy, origin)
})

test('a body that turns out to be too long is refused, and breaks off at the origin', async (t) => {
  const origin = await startOrigin(t, respond(''))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, max_body_size: 10 } })
  const client = openClient(t, proxy)
  client.write(writeRequest(CHUNKED, 'keep-alive') + chunk('x'.repeat(10)))
  await waitFor(() => origin.requests[0]?.bodyLength === 10, 'what is allowed')
  client.write(chunk('y'))
  const answer = parseAnswer(await client.readToEnd())
  matchRefusal(t, answer, 413, origin)
  t.match(answer.head, /^connection: close$/im)
  await waitFor(() => origin.errors.length === 1, 'the end of its connection')
  t.equal(origin.requests[0]?.bodyLength, 10)
  await matchRest(t, proxy, origin)
})

test('a body that is too long by much is refused as well', async (t) => {
  const origin = await startOrigin(t, respond(''))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, max_body_size: 1000 } })
  const large = 'x'.repeat(1_000_000)
  const known = await ask(proxy.port, { host: HOST, method: 'POST', body: large })
  matchRefusal(t, known, 413, origin)
  const client = openClient(t, proxy)
  client.write(`${writeRequest(CHUNKED)}${chunk(large)}0\r\n\r\n`)
  matchRefusal(t, parseAnswer(await client.readToEnd()), 413, origin)
  await matchRest(t, proxy, origin)
})

test('a body that is too long breaks off an answer that has begun', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
  const origin = await startOrigin(
    t,
    (_request, socket) => void socket.write(`${head}5\r\nbegun\r\n`)
  )
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, max_body_size: 10 } })
  const client = openClient(t, proxy)
  client.write(writeRequest(CHUNKED) + chunk('x'))
  const begun = await client.read('begun')
  client.write(chunk('x'.repeat(10)))
  const answer = parseAnswer(begun + (await client.readToEnd()))
  t.match(answer, { status: 200, body: 'begun', isWhole: false })
  await matchRest(t, proxy, origin)
})

for (const [how, connection] of Object.entries({ 'and ends': 'close', '': 'keep-alive' })) {
  test(`an answer that comes before the body is there is passed on ${how}`, async (t) => {
    const early = `HTTP/1.1 403 No\r\nConnection: ${connection}\r\nContent-Length: 2\r\n\r\nno`
    const origin = await startOrigin(t, (_request, socket) => {
      if (connection === 'close') socket.end(early)
      else socket.write(early)
    })
    const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
    const client = openClient(t, proxy)
    client.write(writeRequest(CHUNKED, 'keep-alive') + chunk('begun'))
    t.match(await client.read('\r\n\r\nno'), /^HTTP\/1.1 403 /)
    t.equal(origin.requests.length, 1)
    // What is left of the body is read past, and the client’s connection is good for more.
    client.write(`${chunk('the rest')}0\r\n\r\n${writeRequest({ host: 'well.test' })}`)
    t.match(parseAnswer(await client.readToEnd()), { status: 200, body: 'well' })
    await waitFor(() => origin.connections === 0, 'the end of the connection to the origin')
    await matchRest(t, proxy, origin)
  })
}

test('an origin that ends in the middle of a body is a bad gateway', async (t) => {
  const origin = await startOrigin(t, async (request, socket) => {
    await waitFor(() => request.bodyLength === 5, 'the body')
    socket.resetAndDestroy()
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const client = openClient(t, proxy)
  client.write(writeRequest({ ...CHUNKED, method: 'PUT' }) + chunk('begun'))
  const bytes = await client.read('"}')
  matchRefusal(t, parseAnswer(bytes, 'PUT'), 502, origin)
  t.equal(origin.requests.length, 1, 'what was begun is not sent again')
  client.destroy()
  await matchRest(t, proxy, origin)
})
