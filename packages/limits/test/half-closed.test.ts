import { openRaw, portOf, type RawClient, type TestContext, waitFor } from '@reliw/testing'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import { test } from 'tap'
import { watchLeaving } from '../src/connections/half-closed.ts'
import { limits } from '../src/index.ts'
import { get } from './holding-server.ts'

/** Longer than a departed client takes to be noticed. */
const PAUSE = 2500

interface Started {
  app: FastifyInstance
  client: RawClient
  /** The server's end of the client's connection. */
  socket: () => Promise<Socket>
}

/** A server whose responses to /begun and /thought pause, and that never serves /never. */
async function start(t: TestContext): Promise<Started> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(limits, {})
  app.get('/begun', async (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-length': 6 })
    reply.raw.write('one')
    await setTimeout(PAUSE)
    reply.raw.end('two')
  })
  app.get('/thought', async () => setTimeout(PAUSE, 'a response'))
  app.get('/long', async () => setTimeout(6000, 'a long poll'))
  app.get('/never', (_request, reply) => void reply.hijack())
  app.get('/', async () => 'served')
  const sockets: Socket[] = []
  app.server.on('connection', (socket: Socket) => sockets.push(socket))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = openRaw(portOf(app.server))
  t.teardown(() => client.destroy())
  return { app, client, socket: async () => waitFor(() => sockets[0], 'the connection') }
}

test('a client that half-closes gets the whole response, pauses included', async (t) => {
  const { client } = await start(t)
  client.write(get('/begun'))
  await client.read('one')
  client.end()
  t.equal(await client.readToEnd(), 'two')
})

test('a client that half-closes is probed at growing intervals', async (t) => {
  const { client } = await start(t)
  client.write(get('/thought'))
  client.end()
  const response = await client.readToEnd()
  const asked = response.split('HTTP/1.1 100 Continue\r\n\r\n').length - 1
  t.ok(asked >= 1 && asked <= 3, `${asked} times`)
  t.match(response, /a response$/)
})

test('a client of HTTP/1.0 that half-closes is not probed', async (t) => {
  const { client } = await start(t)
  client.write('GET /thought HTTP/1.0\r\nHost: a.example\r\n\r\n')
  client.end()
  t.match(await client.readToEnd(), /^HTTP\/1\.1 200 OK\r\n[^]*a response$/)
})

for (const [name, path, version] of [
  ['nothing of its response', '/never', '1.0'],
  ['nothing more of its response', '/begun', '1.1']
] as const) {
  test(`a client that is sent ${name} for long is taken for departed`, async (t) => {
    const { client, socket } = await start(t)
    client.write(get(path).replace('1.1', version))
    const connection = await socket()
    await waitFor(() => connection.bytesRead > 0, 'the request')
    const cut: [string, ServerResponse | undefined][] = []
    watchLeaving(connection, (...values) => void cut.push(values), 300)
    await client.readToEnd()
    t.match(cut, [['departed', { req: { url: path } }]])
  })
}

test('a slow response is not lost behind a full pipeline', async (t) => {
  const { client, app } = await start(t)
  client.write(get('/long') + get('/').repeat(200))
  await client.read('a long poll')
  for (let n = 0; n < 200; n++) await client.read('served')
  t.equal(app.limits.connections.departed, 0)
})
