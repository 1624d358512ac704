import { once } from 'node:events'
import { connect } from 'node:http2'
import type { Store } from '@reliw/model'
import { startRedis, waitFor } from '@reliw/testing'
import type { RedisServer } from '@reliw/testing'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { limits } from '../src/index.ts'
import { openFor } from './bans-contract.ts'
import { connectionsOf, get, startHolding } from './holding-server.ts'

t.test(
  'places are free again when clients leave; requests that wait for their turn have none',
  async (t) => {
    const { open, send, isTotal } = await startHolding(t, { max_concurrent_requests: 20 })
    const one = send('/held')
    const many = open(get('/held').repeat(10))
    await isTotal(2)
    one.destroy()
    await isTotal(1)
    many.socket.resetAndDestroy()
    await isTotal(0)
  }
)

t.test('a place is free again when a client leaves in the middle of its body', async (t) => {
  const { app, open, isTotal } = await startHolding(t, { max_concurrent_requests: 1 })
  const head =
    'POST / HTTP/1.1\r\nHost: a.example\r\nContent-Type: a/b\r\nContent-Length: 9\r\n\r\n'
  for (let n = 0; n < 3; n++) {
    const client = open(`${head}abc`)
    await isTotal(1)
    client.destroy()
    await isTotal(0)
  }
  t.equal(app.limits.concurrency.hosts, 0)
})

/** A store whose Redis does not respond until it is resumed. */
async function openPaused(t: Test): Promise<{ redis: RedisServer; store: Store }> {
  const redis = await startRedis(t)
  const store = await openFor(t, { redis: { port: redis.port, db: 0, timeout: '20s' } })
  t.teardown(() => redis.resume())
  return { redis, store }
}

t.test('a client that leaves while the site is read takes no place', async (t) => {
  const { redis, store } = await openPaused(t)
  const { app, open, send, isTotal } = await startHolding(t, { store, max_concurrent_requests: 5 })
  let seen = 0
  app.server.on('request', () => seen++)
  redis.pause()
  const clients = [open(get('/', 'b.example').repeat(5)), send('/', 'c.example')]
  await waitFor(() => seen === 6, 'the requests')
  for (const client of clients) client.destroy()
  await waitFor(async () => (await connectionsOf(app)) === 0, 'the connections to end')
  redis.resume()
  await send('/').read('served')
  await isTotal(0)
})

t.test('a client of HTTP/2 that leaves while the site is read takes no place', async (t) => {
  const { redis, store } = await openPaused(t)
  const app = Fastify({ http2: true })
  t.teardown(() => app.close())
  await app.register(limits, { store, max_concurrent_requests: 5 })
  app.get('/', async () => 'served')
  const client = connect(await app.listen({ port: 0, host: '127.0.0.1' }))
  t.teardown(() => client.destroy())
  let seen = 0
  app.server.on('request', () => seen++)
  redis.pause()
  const openStream = (host: string) =>
    client.request({ ':path': '/', ':authority': host }).on('error', () => undefined)
  const streams = Array.from({ length: 5 }, () => openStream('b.example'))
  await waitFor(() => seen === 5, 'the requests')
  for (const stream of streams) stream.close()
  await Promise.all(streams.map((stream) => once(stream, 'close')))
  redis.resume()
  const stream = openStream('a.example')
  const [response] = await once(stream, 'response')
  t.equal(response[':status'], 200)
  stream.close()
  await waitFor(() => app.limits.concurrency.total === 0, 'the places')
})
