import { openHttp2, portOf } from '@reliw/testing'
import Fastify from 'fastify'
import t from 'tap'
import { auth } from '../src/index.ts'
import { basic } from './credentials.ts'
import { userOf } from './stored-users.ts'

t.test('an app that speaks HTTP/2 alone lets in whom its rules name', async (t) => {
  const app = Fastify({ http2: true })
  t.teardown(() => app.close())
  await app.register(auth, { users: { joe: await userOf('good') } })
  app.get('/private', { config: { auth: { any: ['basic'] } } }, async ({ identity }) => identity)
  app.get('/session', { config: { auth: ['joe'] } }, async () => 'in')
  app.route({
    method: ['GET', 'POST'],
    url: '/login',
    config: { auth: { login: true } },
    handler: async () => ''
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const send = openHttp2(t, portOf(app.server))
  const place = { ':authority': 'a.example', ':path': '/private' }

  t.match(await send(place), { status: 401 })
  t.match(await send({ ...place, ...basic('joe', 'good') }), { status: 200, text: /"joe"/ })
  t.match(await send({ ...place, ':path': '/session' }), {
    status: 302,
    headers: { location: '/login?next=%2Fsession' }
  })
  t.match(await send({ ...place, ':path': '/login' }), { status: 200, text: /<form/ })
})

t.test(
  'over HTTP/2 a request that names two hosts, or none that is one, gets in nowhere',
  async (t) => {
    const app = Fastify({ http2: true })
    t.teardown(() => app.close())
    await app.register(auth, { users: { joe: await userOf('good') } })
    app.get('/private', { config: { auth: { any: ['basic'] } } }, async () => 'in')
    await app.listen({ host: '127.0.0.1', port: 0 })
    const send = openHttp2(t, portOf(app.server))
    const good = { ':path': '/private', ...basic('joe', 'good') }
    t.match(await send({ ...good, ':authority': 'a.example', host: 'a.example' }), { status: 200 })
    for (const hosts of [
      { ':authority': 'a.example', host: 'b.example' },
      { ':authority': '-a.example' },
      { ':authority': 'a.example', host: 'a.example.evil' }
    ]) {
      t.match(await send({ ...good, ...hosts }), { status: 403 }, JSON.stringify(hosts))
    }
  }
)
