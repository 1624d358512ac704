import type { UpstreamInput } from '@reliw/model'
import { openStore } from '@reliw/store'
import { HUNG_AFTER, startRedis, waitFor } from '@reliw/testing'
import t from 'tap'
import { CannotServe } from '../../src/index.ts'
import { HOST, startSite, type Site } from './start-site.ts'

const GET = { methods: { GET: true } }

/** Sends a request and returns its `kind` and `cache`. */
async function fieldsOf(site: Site, path: string, accept = '*/*', host = HOST): Promise<unknown[]> {
  await site.get(path, { host, headers: { accept } })
  const request = site.requests.at(-1)
  return [request?.kind, request?.cache]
}

for (const raw of [true, false]) {
  t.test(`kind distinguishes files from rendered pages (raw: ${raw})`, async (t) => {
    const site = await startSite(t, { raw, entry: { try_extensions: true }, cache_max_size: 10 })
    await site.hset(`FILES:${HOST}:/a.txt`, { content: 'text' })
    await site.hset(`FILES:${HOST}:/b.md`, { content: '# Page' })
    await site.hset(`FILES:${HOST}:/c.dj`, { content: '# Page' })
    await site.hset(`FILES:${HOST}:/d.html`, { content: '<p>text' })
    await site.set({ [`DATA:${HOST}:.well-known/acme-challenge/token`]: 'key' })
    site.write('large.md', 'x'.repeat(11))
    t.strictSame(await fieldsOf(site, '/a.txt'), ['file', 'miss'])
    t.strictSame(await fieldsOf(site, '/b'), ['page', 'miss'])
    t.strictSame(await fieldsOf(site, '/c'), ['page', 'miss'])
    t.strictSame(await fieldsOf(site, '/b', 'text/markdown'), ['page', 'hit'], 'its source, too')
    t.strictSame(await fieldsOf(site, '/d.html'), ['file', 'miss'])
    t.match(await fieldsOf(site, '/large'), ['file'], 'too large for a page')
    t.match(await fieldsOf(site, '/.well-known/acme-challenge/token'), ['file'])
  })
}

t.test('`kind` names redirects, upstreams and login pages', async (t) => {
  const site = await startSite(t, {
    routes: [
      ['/login', 'login', true],
      ['^/up/', 'up'],
      ['.*', 'all']
    ],
    authorize(_request, reply) {
      reply.send('login page')
      return false
    },
    forward: (_request, reply) => void reply.send('from afar')
  })
  const proxy: UpstreamInput = { target: '192.0.2.1' }
  await site.set({
    [`API:${HOST}:login`]: { ...GET, auth: { login: true } },
    [`API:${HOST}:up`]: { ...GET, proxy }
  })
  site.write('folder/index.html', '')
  t.match(await fieldsOf(site, '/folder'), ['redirect'])
  for (let n = 0; n < 3; n++) {
    t.strictSame(
      await fieldsOf(site, '/login'),
      ['login', undefined],
      'cached by others, if at all'
    )
    t.strictSame(await fieldsOf(site, '/up/a'), ['upstream', undefined])
  }
})

t.test('`kind` is set even if the client is refused the content', async (t) => {
  const site = await startSite(t, {
    entry: { auth: ['user'] },
    authorize() {
      throw new CannotServe('no')
    }
  })
  await site.hset(`FILES:${HOST}:/a.txt`, { content: 'text' })
  t.equal((await site.get('/a.txt')).status, 500)
  t.equal((await site.get('/a.txt', { method: 'POST' })).status, 500)
  t.strictSame(
    site.requests.map(({ kind, cache }) => [kind, cache]),
    [
      ['file', 'miss'],
      ['file', 'hit']
    ]
  )
})

t.test('a missing path has no kind, and is cached', async (t) => {
  const site = await startSite(t)
  t.strictSame(await fieldsOf(site, '/none'), [undefined, 'miss'])
  t.strictSame(await fieldsOf(site, '/none'), [undefined, 'hit'])
  await site.set({ 'API:bad.example': '[' })
  t.strictSame(await fieldsOf(site, '/', '*/*', 'bad.example'), [undefined, undefined], 'a fault')
  t.strictSame(await fieldsOf(site, '/', '*/*', '..'), [undefined, undefined])
})

t.test('changed content is a cache miss', async (t) => {
  const site = await startSite(t)
  const key = `FILES:${HOST}:/a.txt`
  await site.hset(key, { content: 'first' })
  t.strictSame(await fieldsOf(site, '/a.txt'), ['file', 'miss'])
  t.strictSame(await fieldsOf(site, '/a.txt'), ['file', 'hit'])
  await site.hset(key, { content: 'second' })
  t.strictSame(await fieldsOf(site, '/a.txt'), ['file', 'miss'])
  t.strictSame(await fieldsOf(site, '/a.txt'), ['file', 'hit'])
})

t.test('cached content is stale while the store is unavailable', async (t) => {
  const redis = await startRedis(t)
  const store = await openStore({ redis: { port: redis.port, db: 0, timeout: '5s' } })
  t.equal(await store.ready(HUNG_AFTER), true)
  const site = await startSite(t, { store })
  await site.hset(`FILES:${HOST}:/a.txt`, { content: 'text' })
  await waitFor(async () => (await fieldsOf(site, '/a.txt'))[1] === 'hit', 'a cache hit')
  await redis.kill9()
  await waitFor(() => !store.connected, 'the loss')
  t.equal((await site.get('/a.txt')).text, 'text')
  t.match(site.requests.at(-1), { kind: 'file', cache: 'stale' })
  t.equal((await site.get('/b.txt')).status, 503)
  t.strictSame(await fieldsOf(site, '/b.txt'), [undefined, undefined])
})
