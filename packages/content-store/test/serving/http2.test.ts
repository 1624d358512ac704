import { openStore } from '@reliw/store'
import { openHttp2, portOf, tempDir } from '@reliw/testing'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { contentStore } from '../../src/index.ts'

const LARGE = Buffer.alloc(200_000, 'large ')

async function start(t: Test, raw: boolean): Promise<ReturnType<typeof openHttp2>> {
  const store = await openStore({ dir: tempDir(t) })
  const dir = tempDir(t)
  const app = Fastify({ http2: true })
  await app.register(contentStore, { store, data_dir: dir, cache_max_size: 100_000, raw })
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => {
    await app.close()
    await store.close()
  })
  mkdirSync(join(dir, 'a.example/deep'), { recursive: true })
  writeFileSync(join(dir, 'a.example/large.bin'), LARGE)
  const entry = { methods: { GET: true }, index: 'index.html' }
  await store.driver.write([
    { op: 'hset', key: store.keys.file('a.example', '/x.txt'), fields: { content: 'good' } },
    { op: 'set', key: store.keys.entry('a.example', 'all'), value: JSON.stringify(entry) },
    { op: 'set', key: store.keys.routes('a.example'), value: '[[".*", "all"]]' }
  ])
  return openHttp2(t, portOf(app.server))
}

for (const raw of [false, true]) {
  t.test(`an HTTP/2-only app serves sites (raw: ${raw})`, async (t) => {
    const request = await start(t, raw)
    const get = (path: string, headers: object = {}) =>
      request({ ':authority': 'A.example:8443', ':path': path, ...headers })
    const good = await get('/x.txt')
    t.match(good, { status: 200, text: 'good', headers: { 'content-length': '4' } })
    t.match(await get('/x.txt', { 'if-none-match': String(good.headers.etag) }), { status: 304 })
    t.match(await get('/x.txt', { range: 'bytes=1-2' }), { status: 206, text: 'oo' })
    t.match(await get('/x.txt', { ':method': 'HEAD' }), { status: 200, text: '' })
    t.match(await get('/x.txt', { ':method': 'PUT' }), { status: 405, headers: { allow: /GET/ } })
    t.match(await get('/missing'), { status: 404, text: /404/ })
    t.match(await get('/deep'), { status: 301, headers: { location: '/deep/' } })
    t.match(await get('/large.bin'), { status: 200, text: LARGE.toString() })
    t.match(await request({ ':authority': 'b.example', ':path': '/x.txt' }), { status: 404 })
  })
}

t.test('an HTTP/2 request with two hosts, or an invalid one, is refused', async (t) => {
  const request = await start(t, false)
  const good = { ':authority': 'a.example', ':path': '/x.txt' }
  t.match(await request({ ...good, host: 'a.example' }), { status: 200 })
  for (const hosts of [
    { host: 'b.example' },
    { host: 'a.example.evil' },
    { ':authority': '-a.example' }
  ]) {
    t.match(await request({ ...good, ...hosts }), { status: 400 }, JSON.stringify(hosts))
  }
})
