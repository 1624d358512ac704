import { once } from 'node:events'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { connect, type Socket } from 'node:net'
import t from 'tap'
import {
  createAuthority,
  openRaw,
  rawRequest,
  respond,
  startOrigin,
  tempDir,
  waitFor,
  type ReceivedRequest
} from '../src/index.ts'

const GET = 'GET /a?b HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a:  2 \r\n\r\n'

t.test('an origin records a request as it was sent, and responds with bytes', async (t) => {
  const origin = await startOrigin(
    t,
    (_, connection) => void connection.end('any\xffthing', 'latin1')
  )
  t.equal(await rawRequest(origin.port, GET), 'any\xffthing')
  const [request] = origin.requests
  t.match(request, { head: GET, method: 'GET', target: '/a?b', connection: 0, bodyLength: 0 })
  t.strictSame(request?.headers, [
    ['Host', 'x'],
    ['X-A', '1'],
    ['x-a', '2']
  ])
  t.equal(request?.header('X-a'), '1, 2')
  t.equal(request?.header('Accept'), undefined)
  t.equal(String(origin.connectionBytes), GET)
  t.equal(origin.url, `http://127.0.0.1:${origin.port}`)
})

t.test('one request after the other is read from a connection, however it is cut', async (t) => {
  const origin = await startOrigin(t, respond('ok', { 'x-one': '1' }))
  const chunked = '3;ext\r\nab\r\r\nA\r\n0123456789\r\n0\r\nX-T: t\r\n\r\n'
  const requests = [
    'POST /1 HTTP/1.1\r\nContent-Length: 3\r\n\r\none',
    `POST /2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`,
    'HEAD /3 HTTP/1.1\r\n\r\n'
  ].join('')
  const client = openRaw(origin.port)
  client.socket.setNoDelay(true)
  for (const byte of requests) client.write(byte)
  const head = 'HTTP/1.1 200 Scripted\r\ncontent-length: 2\r\nx-one: 1\r\n\r\n'
  t.equal(await client.read(/(\r\n\r\n.*){3}$/s), `${head}ok${head}ok${head}`)
  const [one, two, three] = origin.requests
  t.equal(String(await one?.body), 'one')
  t.equal(String(one?.rawBody), 'one')
  t.equal(String(await two?.body), 'ab\r0123456789')
  t.equal(String(two?.rawBody), chunked)
  t.equal(two?.bodyLength, 13)
  t.strictSame(two?.trailers, [['X-T', 't']])
  t.equal(String(await three?.body), '')
  t.equal(String(origin.connectionBytes), requests)
  t.match(origin, { accepted: 1, connections: 1, errors: [] })
  client.destroy()
  await waitFor(() => origin.connections === 0, 'the end of the connection')
})

t.test('what is not strictly HTTP/1.1 is an error and ends the connection', async (t) => {
  const origin = await startOrigin(t, () => undefined)
  const malformed = [
    '\r\nGET / HTTP/1.1\r\n\r\n',
    'GET  / HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.1\nA: b\r\n\r\n',
    'GET / HTTP/1.1\r\nA : b\r\n\r\n',
    'GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n',
    'GET / HTTP/1.1\r\nA: b\rc\r\n\r\n',
    body('Content-Length: +1', 'a'),
    body('Content-Length: 1\r\nContent-Length: 1', 'a'),
    body('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
    body('Transfer-Encoding: gzip, chunked', '0\r\n\r\n'),
    body('Transfer-Encoding: chunked', '0x1\r\na\r\n0\r\n\r\n'),
    body('Transfer-Encoding: chunked', '1\r\nab\r\n0\r\n\r\n'),
    body('Transfer-Encoding: chunked', '1\na\n0\r\n\r\n')
  ]
  for (const [index, bytes] of malformed.entries()) {
    t.equal(await rawRequest(origin.port, bytes), '', JSON.stringify(bytes))
    t.equal(origin.errors.length, index + 1)
  }
})

t.test('an incomplete body rejects', async (t) => {
  const origin = await startOrigin(t, () => undefined)
  const client = openRaw(origin.port)
  client.write('POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf')
  const request = await waitFor(() => origin.requests[0], 'the request')
  await waitFor(() => request.bodyLength === 4, 'half of the body')
  client.destroy()
  await t.rejects(request.body, /ended too early/)
  t.equal(String(request.rawBody), 'half')
})

t.test('a response that fails is an error of the origin', async (t) => {
  const origin = await startOrigin(t, () => Promise.reject(new Error('of the test')))
  t.equal(await rawRequest(origin.port, GET), '')
  t.match(origin.errors, [{ message: 'of the test' }])
})

t.test('a connection that is detached is the test’s own', async (t) => {
  const origin = await startOrigin(t, echo)
  const client = openRaw(origin.port)
  client.write(`${GET}first`)
  await client.read('first')
  client.write('\r\n\r\nsecond')
  t.equal(await client.read('second'), '\r\n\r\nsecond')
  client.end()
  await client.readToEnd()
  t.equal(String(origin.connectionBytes), `${GET}first\r\n\r\nsecond`)
  t.match(origin, { requests: { length: 1 }, errors: [] })
})

t.test('an origin that is stopped refuses, until it is started again', async (t) => {
  const origin = await startOrigin(t, respond('ok'))
  const client = openRaw(origin.port)
  client.write(GET)
  await client.read('ok')
  origin.close()
  await t.rejects(once(connect(origin.port, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' })
  client.write(GET)
  await client.read('ok')
  await origin.stop()
  await client.readToEnd()
  t.equal(origin.connections, 0)
  await origin.start()
  t.match(await rawRequest(origin.port, GET, { until: 'ok' }), /^HTTP/)
  t.equal(origin.accepted, 2)
  origin.closeConnections()
  await waitFor(() => origin.connections === 0, 'the end of the connections')
})

t.test('an origin speaks TLS', async (t) => {
  const authority = await createAuthority()
  const tls = await authority.issue(['127.0.0.1'])
  const origin = await startOrigin(t, respond('ok'), { tls })
  t.equal(origin.url, `https://127.0.0.1:${origin.port}`)
  const client = connectTls({ port: origin.port, host: '127.0.0.1', ca: authority.cert })
  client.write(GET)
  t.match(String(await once(client, 'data')), /ok$/)
  t.equal(String(origin.connectionBytes), GET)
  t.equal(origin.connections, 1)
  client.destroy()
  await waitFor(() => origin.connections === 0, 'the end of the connection')
  const stranger = connectTls({ port: origin.port, host: '127.0.0.1' })
  await t.rejects(once(stranger, 'secureConnect'), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  t.equal(origin.accepted, 2)
})

t.test('an origin listens on a Unix socket', async (t) => {
  const path = join(tempDir(t), 'origin.sock')
  const origin = await startOrigin(t, respond('ok'), { path })
  t.match(origin, { url: `unix:${path}`, port: 0 })
  const client = connect(path)
  client.write(GET)
  t.match(String(await once(client, 'data')), /ok$/)
  await origin.stop()
  await origin.start()
  t.equal(origin.accepted, 1)
})

function body(headers: string, content: string): string {
  return `POST / HTTP/1.1\r\n${headers}\r\n\r\n${content}`
}

function echo(request: ReceivedRequest, connection: Socket): void {
  connection.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
  connection.write(request.detach())
  connection.pipe(connection)
}
