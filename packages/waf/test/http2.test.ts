import { openStore } from '@reliw/store'
import { openHttp2, portOf, tempDir } from '@reliw/testing'
import Fastify from 'fastify'
import t from 'tap'
import { waf } from '../src/index.ts'

t.test(
  'requests of HTTP/2 are matched against the rules of the host that :authority names',
  async (t) => {
    const store = await openStore({ dir: tempDir(t) })
    const app = Fastify({ http2: true })
    t.teardown(async () => {
      await app.close()
      await store.close()
    })
    const rules = { query: ['/evil'], headers: { 'user-agent': ['scanner'] } }
    await store.driver.write([
      { op: 'hset', key: store.keys.waf(), fields: { 'a.example': JSON.stringify(rules) } }
    ])
    await app.register(waf, { store })
    app.get('/*', async () => 'served')
    await app.listen({ host: '127.0.0.1', port: 0 })
    const ask = openHttp2(t, portOf(app.server))
    const place = { ':authority': 'A.example:8443', ':path': '/good' }
    t.match(await ask(place), { status: 200 })
    t.match(await ask({ ...place, ':path': '/evil' }), { status: 403 })
    t.match(await ask({ ...place, 'user-agent': 'scanner' }), { status: 403 })
    t.match(await ask({ ...place, host: 'a.example', ':path': '/evil' }), { status: 403 })
    t.match(await ask({ ...place, ':authority': 'b.example', ':path': '/evil' }), { status: 200 })
  }
)

t.test('rules for Host match :authority, with or without Host beside it', async (t) => {
  const app = Fastify({ http2: true })
  t.teardown(() => app.close())
  const rules = { headers: { Host: ['^evil%.'] } }
  await app.register(waf, { rules })
  app.get('/*', async () => 'served')
  await app.listen({ host: '127.0.0.1', port: 0 })
  const ask = openHttp2(t, portOf(app.server))
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`x-${n}`, 'a']))
  for (const others of [{}, { host: 'evil.example' }, many]) {
    // The second time, the other host is known to match nothing.
    for (const _ of ['first', 'second'])
      t.match(await ask({ ...many, ':authority': 'a.example', ':path': '/' }), { status: 200 })
    const evil = { ...others, ':authority': 'evil.example', ':path': '/' }
    t.match(await ask(evil), { status: 403 })
  }
})
