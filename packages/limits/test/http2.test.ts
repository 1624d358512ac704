import { openHttp2, portOf } from '@reliw/testing'
import Fastify from 'fastify'
import t from 'tap'
import { limits } from '../src/index.ts'

t.test('requests of HTTP/2 are held against their limits, by :authority', async (t) => {
  const app = Fastify({ http2: true })
  t.teardown(() => app.close())
  const policy = { name: 'p', limit: 1, period: 60, count: 'process' as const }
  await app.register(limits, {
    rate_limits: [policy],
    max_uri_length: 50,
    max_concurrent_requests: 5
  })
  app.get('/*', async ({ facts: { host, path, clientIp } }) => ({ host, path, clientIp }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const send = openHttp2(t, portOf(app.server))
  const first = await send({ ':authority': 'A.example:8443', ':path': '/%61?b' })
  t.match(first, { status: 200, headers: { 'x-request-id': /./ } })
  t.same(JSON.parse(first.text), { host: 'a.example', path: '/a', clientIp: '127.0.0.1' })
  t.match(await send({ ':authority': 'a.example', ':path': '/' }), { status: 429 })
  t.match(await send({ ':authority': 'b.example', ':path': '/' }), { status: 200 })
  t.match(await send({ ':authority': 'c.example', host: 'd.example', ':path': '/' }), {
    status: 400
  })
  t.match(await send({ ':authority': 'c.example', ':path': `/${'x'.repeat(50)}` }), { status: 414 })
  t.match(await send({ ':authority': 'c.example', ':path': '/../x' }), { status: 400 })
})
