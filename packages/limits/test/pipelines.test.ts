import { openRaw, portOf, type RawClient, type TestContext, waitFor } from '@reliw/testing'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import { test } from 'tap'
import { limits } from '../src/index.ts'
import { get, startHolding } from './holding-server.ts'

interface Counting {
  app: FastifyInstance
  client: RawClient
  /** Paths of the requests that have begun. */
  begun: string[]
  /** Has the first request answered. */
  release: () => void
}

/** A server that serves with the path, /held once it is released. */
async function startCounting(t: TestContext): Promise<Counting> {
  const app = Fastify({ routerOptions: { maxParamLength: 20_000 } })
  const held = Promise.withResolvers<void>()
  const begun: string[] = []
  t.teardown(() => {
    held.resolve()
    return app.close()
  })
  await app.register(limits, { max_concurrent_requests: 5 })
  app.addContentTypeParser('*', { parseAs: 'string' }, async (_: unknown, body: string) => body)
  app.all('/*', async ({ url, body }) => {
    begun.push(url)
    if (url === '/held') await held.promise
    return typeof body === 'string' ? `<${body}>` : `<${url}>`
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = openRaw(portOf(app.server))
  t.teardown(() => client.destroy())
  return { app, client, begun, release: held.resolve }
}

test('a request begins when earlier responses are finished, and all responses are in order', async (t) => {
  const { app, client, begun, release } = await startCounting(t)
  let server: Socket | undefined
  app.server.on('connection', (socket: Socket) => (server = socket))
  const post =
    'POST /post HTTP/1.1\r\nHost: a\r\nContent-Type: a/b\r\nContent-Length: 4\r\n\r\nbody'
  const sent = get('/held') + get('/1') + post + get('/2') + get('/3')
  client.write(sent.slice(0, -get('/3').length))
  await waitFor(() => begun.length === 1, 'the first request')
  client.write(get('/3'))
  await waitFor(() => (server?.bytesRead ?? 0) >= sent.length, 'all requests')
  t.same(begun, ['/held'])
  t.equal(app.limits.concurrency.total, 1, 'the others have no place yet')
  release()
  for (const body of ['/held', '/1', 'body', '/2', '/3']) await client.read(`<${body}>`)
  client.write(get('/later'))
  await client.read('</later>')
})

test('a connection is not read while too many of its requests wait, and loses none', async (t) => {
  const { app, client, begun, release } = await startCounting(t)
  let server: Socket | undefined
  app.server.on('connection', (socket: Socket) => (server = socket))
  client.write(get('/held') + get('/').repeat(1_000) + get('/last'))
  await waitFor(() => begun.length === 1, 'the first request')
  // More than the system takes by itself.
  const filler = get('/', 'a').repeat(10_000)
  for (let n = 0; n < 40; n++) client.write(filler)
  const read = (): number => server?.bytesRead ?? 0
  await waitFor(() => read() > 0, 'bytes')
  t.ok(read() < 1024 * 1024, `${read()} bytes were read`)
  t.ok(client.socket.writableLength > 0, 'the others are still with the client')
  release()
  await client.read('</last>')
})

test('heads that wait are bounded in bytes, too', async (t) => {
  const { app, client, begun, release } = await startCounting(t)
  let server: Socket | undefined
  app.server.on('connection', (socket: Socket) => (server = socket))
  const long = 'x'.repeat(8_000)
  // Fewer than are bounded in number.
  client.write(get('/held') + Array.from({ length: 100 }, (_, n) => get(`/${long}${n}`)).join(''))
  await waitFor(() => server?.isPaused() === true, 'the hold')
  t.same(begun, ['/held'])
  release()
  await client.read(`${long}99>`)
  t.equal(begun.length, 101)
})

for (const [name, leave] of [
  ['a reset', (client: RawClient) => client.socket.resetAndDestroy()],
  ['the end of the connection', (client: RawClient) => client.destroy()],
  ['malformed bytes', (client: RawClient) => client.write('no request\r\n\r\n')],
  [
    'an upgrade',
    (client: RawClient) => {
      client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')
      client.destroy()
    }
  ],
  [
    'CONNECT',
    (client: RawClient) => {
      client.write('CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n')
      client.destroy()
    }
  ]
] as const) {
  test(`no place stays taken after ${name} behind many requests`, async (t) => {
    const { open, send, isTotal } = await startHolding(t, { max_concurrent_requests: 200 })
    const client = open(get('/held').repeat(100))
    await isTotal(1)
    leave(client)
    await isTotal(0)
    await send('/').read('served')
  })
}

test('no place stays taken after 205 requests and CONNECT at once', async (t) => {
  const { open, send, isTotal } = await startHolding(t, { max_concurrent_requests: 200 })
  const client = open(`${get('/held').repeat(205)}CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n`)
  await isTotal(1)
  client.destroy()
  await isTotal(0)
  await send('/').read('served')
})

test('a client that leaves behind a full pipeline is noticed', async (t) => {
  const { app, client, begun } = await startCounting(t)
  let server: Socket | undefined
  app.server.on('connection', (socket: Socket) => (server = socket))
  client.write(get('/held') + get('/').repeat(300))
  await waitFor(() => begun.length === 1 && server?.isPaused() === true, 'the hold')
  client.socket.resetAndDestroy()
  await waitFor(() => server?.destroyed === true, 'the end of the connection')
  await waitFor(() => app.limits.concurrency.total === 0, 'the place')
  t.same(begun, ['/held'])
})

test('requests that wait are bounded over all connections, and clients with few of them are spared', async (t) => {
  const { app, open, isTotal, release } = await startHolding(t, { max_concurrent_requests: 1_000 })
  const few = open(get('/held') + get('/health').repeat(7))
  await isTotal(1)
  const greedy = Array.from({ length: 100 }, () => open(get('/held') + get('/').repeat(120)))
  const isAnyCut = (): boolean =>
    greedy.some(({ socket }) => socket.destroyed || socket.readableEnded)
  for (const { socket } of greedy) socket.resume()
  await waitFor(isAnyCut, 'an end')
  t.ok(app.limits.connections.pipelines > 0, 'it is counted')
  for (const { socket } of greedy) socket.resetAndDestroy()
  await isTotal(1)
  release()
  for (let n = 0; n < 7; n++) await few.read('healthy')
})

test('CONNECT gets 501 in its turn, which ends the connection', async (t) => {
  const { open, release, isTotal } = await startHolding(t, { max_concurrent_requests: 20 })
  const client = open(`${get('/held')}${get('/')}CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\nbytes`)
  await isTotal(1)
  release()
  await client.read('released')
  await client.read('served')
  const response = await client.readToEnd()
  t.match(response, /^HTTP\/1\.1 501 Not Implemented\r\n/)
  t.match(response, /\r\nx-request-id: \S+\r\n/)
  t.match(response, /\r\nconnection: close\r\n/i)
  await isTotal(0)
})

test('a response continues, however many requests wait behind it', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(limits, {})
  app.get('/flow', async (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-length': 8 })
    for (let n = 0; n < 8; n++) {
      reply.raw.write(String(n))
      await setTimeout(1000)
    }
    reply.raw.end()
  })
  app.get('/', async () => 'served')
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = openRaw(portOf(app.server))
  t.teardown(() => client.destroy())
  client.write(get('/flow') + get('/').repeat(200))
  await client.read('01234567')
  for (let n = 0; n < 200; n++) await client.read('served')
})
