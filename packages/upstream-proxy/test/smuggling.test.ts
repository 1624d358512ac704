import { once } from 'node:events'
import { createServer, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import {
  openRaw,
  portOf,
  sendResponseCase,
  sendRequestCase,
  smuggledResponses,
  smuggledRequests,
  SMUGGLING_HOST,
  startEcho,
  startOrigin,
  startScripted,
  waitFor,
  type Origin,
  type Pace,
  type ServerUnderTest,
  type TestContext
} from '@reliw/testing'
import fastify from 'fastify'
import { test } from 'tap'
import { RequestWriter } from '../src/http1/request-writer.ts'
import { upstreamProxy } from '../src/index.ts'
import {
  END_STREAM,
  frame,
  GOAWAY,
  HEADERS,
  headers,
  RST_STREAM,
  SETTINGS
} from './http2/frames.ts'

const HOST = `Host: ${SMUGGLING_HOST}\r\n`
const HIDDEN = `GET /hidden HTTP/1.1\r\n${HOST}\r\n`
const PACES: Pace[] = ['in one piece', 'byte by byte', 'head first']

/** An app all of whose requests go to one upstream, whatever they name. */
async function startApp(
  t: TestContext,
  target: string,
  connections = 256
): Promise<ServerUnderTest> {
  const app = fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  const health = { max_fails: 0 }
  const upstream = { target, connections, health, retry: false, circuit_breaker: false } as const
  await app.register(upstreamProxy, { upstreams: { [SMUGGLING_HOST]: upstream } })
  app.all('/*', { config: { upstream: SMUGGLING_HOST } }, async () => 'of the app itself')
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, port: portOf(app.server) }
}

for (const pace of PACES) {
  for (const [what, cases] of Object.entries(smuggledRequests)) {
    test(`nothing is smuggled to an origin by ${what}, sent ${pace}`, async (t) => {
      const echo = await startEcho(t)
      const server = await startApp(t, echo.origin.url)
      for (const [name, one] of Object.entries(cases)) {
        if (pace === 'head first' && one.outcome.kind !== 'cut') continue
        await t.test(name, (t) => sendRequestCase(t, server, echo, one, pace))
      }
    })
  }
}

for (const pace of ['in one piece', 'byte by byte'] as const) {
  for (const [what, cases] of Object.entries(smuggledResponses)) {
    test(`no client is deceived by ${what} of an answer, sent ${pace}`, async (t) => {
      const scripted = await startScripted(t)
      const server = await startApp(t, scripted.origin.url, 1)
      for (const [name, one] of Object.entries(cases)) {
        await t.test(name, (t) => sendResponseCase(t, server, scripted, one, pace))
      }
    })
  }
}

test('a body that comes late behind an upgrade that is ignored is no request', async (t) => {
  const { origin, hold, release } = await startEcho(t)
  const { port } = await startApp(t, origin.url)
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  hold()
  const first = `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`
  client.write(`${first}POST /2 HTTP/1.1\r\n${HOST}Content-Length: ${HIDDEN.length}\r\n\r\n`)
  await waitFor(() => origin.requests.length === 1, 'the first request')
  client.write(HIDDEN)
  release()
  t.match(await client.readToEnd(), /^HTTP\/1\.1 200 .*connection: close\r\n/is)
  t.strictSame(
    origin.requests.map(({ target }) => target),
    ['/']
  )
})

test('a connection whose request is not finished gets no other one', async (t) => {
  const origin = await startOrigin(t, ({ target }, connection) => {
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`)
  })
  const { port } = await startApp(t, origin.url, 1)
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  client.write(`PUT /1 HTTP/1.1\r\n${HOST}Content-Length: ${HIDDEN.length}\r\n\r\n`)
  await client.read('/1')
  const other = openRaw(port)
  t.teardown(() => other.destroy())
  other.write(`GET /2 HTTP/1.1\r\n${HOST}\r\n`)
  await other.read('/2')
  client.write(HIDDEN)
  client.write(`GET /3 HTTP/1.1\r\n${HOST}\r\n`)
  await client.read('/3')
  const sent = origin.requests.map(({ target, connection }) => `${connection} ${target}`)
  t.strictSame(sent, ['0 /1', '1 /2', '1 /3'])
  t.equal(String(origin.connectionBytes[0]), origin.requests[0]?.head)
})

test('an empty piece of a body is not its end', async (t) => {
  const server = createServer()
  t.teardown(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect(portOf(server), '127.0.0.1')
  const [far] = await once(server, 'connection')
  new RequestWriter(socket, (error) => t.error(error)).write('', {
    length: undefined,
    isUsed: false,
    start: (sink) => {
      for (const piece of ['a', '', 'b']) sink.onChunk(Buffer.from(piece), 'given')
      sink.onEnd([])
    },
    resume: () => undefined
  })
  socket.end()
  t.equal(await text(far), '1\r\na\r\n1\r\nb\r\n0\r\n\r\n')
})

test('a client of HTTP/1.0, which knows no chunks, sees that an answer is cut off', async (t) => {
  const origin = await startOrigin(t, (_request, connection) => {
    connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
  })
  const { port } = await startApp(t, origin.url)
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  client.write(`GET / HTTP/1.0\r\n${HOST}\r\n`)
  await client.read('hello')
  const errors: Error[] = []
  client.socket.once('error', (error) => errors.push(error))
  origin.closeConnections()
  await client.readToEnd()
  t.match(errors, [{ code: 'ECONNRESET' }])
})

for (const [what, fields] of Object.entries({
  'a method that is a request line': { ':method': 'GET /hidden HTTP/1.1' },
  'a method with a line end': { ':method': 'GET\r\nX-A: b' },
  'a path that ends the head': { ':path': `/ HTTP/1.1\r\n\r\n${HIDDEN}` },
  'a path with a blank': { ':path': '/ HTTP/1.1' },
  'a scheme with a line end': { ':scheme': 'http\r\nX-A: b' },
  'a host with a line end': { ':authority': `${SMUGGLING_HOST}\r\nX-A: b` },
  'a host with a user': { ':authority': `a@${SMUGGLING_HOST}` },
  'two hosts': { host: 'other.test' },
  'a name in capitals': { 'X-A': 'b' },
  'a body shorter than said': { 'content-length': '5' },
  chunks: { 'transfer-encoding': 'chunked' },
  'a connection': { connection: 'x-a' },
  'an upgrade': { upgrade: 'websocket' },
  'a coding that may come back': { te: 'trailers, chunked' }
})) {
  test(`a client of HTTP/2 gets nothing through by ${what}`, async (t) => {
    const { origin, status } = await sendByHttp2(t, fields)
    t.ok(status === undefined || status === '400', `${status}`)
    t.equal(origin.requests.length, 0)
  })
}

test('headers of a client of HTTP/2 that are none of HTTP/1.1 are left out', async (t) => {
  const { origin } = await sendByHttp2(t, {
    'x-a': `b\r\n\r\n${HIDDEN}`,
    'x-b': 'b\nX-A: b',
    'x-c': 'b\0',
    'x-d\r\nx-a': 'b',
    'x-e: b\r\nx-a': 'b',
    'x g': 'b',
    '': 'b',
    content_length: '5',
    transfer_encoding: 'chunked'
  })
  await waitFor(() => origin.requests.length === 1, 'the request')
  const names = origin.requests[0]?.headers.map(([name]) => name.toLowerCase())
  const ours = /^(host|via|x-forwarded-.*|x-real-ip|x-request-id|traceparent)$/
  t.strictSame(
    names?.filter((name) => !ours.test(name)),
    []
  )
})

/** Sends one request without a body. @returns the status that is answered; undefined when the stream is reset */
async function sendByHttp2(
  t: TestContext,
  fields: Record<string, string>
): Promise<{ origin: Origin; status: string | undefined }> {
  const { origin } = await startEcho(t)
  const app = fastify({ http2: true })
  t.teardown(() => app.close())
  const upstream = { target: origin.url, preserve_host: true } as const
  await app.register(upstreamProxy, { upstreams: { [SMUGGLING_HOST]: upstream } })
  app.all('/*', { config: { upstream: SMUGGLING_HOST } }, async () => 'of the app itself')
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = openRaw(portOf(app.server))
  t.teardown(() => client.destroy())
  const own = { ':method': 'GET', ':path': '/', ':scheme': 'http', ':authority': SMUGGLING_HOST }
  client.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  client.write(frame(SETTINGS, 0, 0))
  client.write(headers(1, { ...own, ...fields }, END_STREAM))
  for (;;) {
    const head = Buffer.from(await client.read(/^[^]{9}/), 'latin1')
    const payload = await client.read(new RegExp(`^[^]{${head.readUIntBE(0, 3)}}`))
    if (head[3] === RST_STREAM || head[3] === GOAWAY) return { origin, status: undefined }
    if (head[3] === HEADERS) return { origin, status: statusOf(payload) }
  }
}

/** Of a block whose first field is the status: by its index (RFC 7541 A), or as text. */
function statusOf(block: string): string {
  const indexed = ['200', '204', '206', '304', '400', '404', '500']
  return indexed[block.charCodeAt(0) - 0x88] ?? block.slice(2, 5)
}
