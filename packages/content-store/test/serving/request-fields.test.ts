import type { UpstreamInput } from '@reliw/model'
import { openStore } from '@reliw/store'
import { HUNG_AFTER, startRedis, waitFor } from '@reliw/testing'
import t from 'tap'
import { CannotServe } from '../../src/index.ts'
import { HOST, startSite, type Site } from './start-site.ts'

const GET = { methods: { GET: true } }

/** Asks, and says what the request told of itself then: kind and cache. */
async function told(site: Site, path: string, accept = '*/*', host = HOST): Promise<unknown[]> {
  await site.get(path, { host, headers: { accept } })
  const request = site.requests.at(-1)
  return [request?.kind, request?.cache]
}

for (const raw of [true, false]) {
  t.test(`a request says whether a file or a page answers (raw: ${raw})`, async (t) => {
    const site = await startSite(t, { raw, entry: { try_extensions: true }, cache_max_size: 10 })
    await site.hset(`FILES:${HOST}:/a.txt`, { content: 'text' })
    await site.hset(`FILES:${HOST}:/b.md`, { content: '# Page' })
    await site.hset(`FILES:${HOST}:/c.dj`, { content: '# Page' })
    await site.hset(`FILES:${HOST}:/d.html`, { content: '<p>text' })
    await site.set({ [`DATA:${HOST}:.well-known/acme-challenge/token`]: 'answer' })
    site.write('large.md', 'x'.repeat(11))
    t.strictSame(await told(site, '/a.txt'), ['file', 'miss'])
    t.strictSame(await told(site, '/b'), ['page', 'miss'])
    t.strictSame(await told(site, '/c'), ['page', 'miss'])
    t.strictSame(await told(site, '/b', 'text/markdown'), ['page', 'hit'], 'its source, too')
    t.strictSame(await told(site, '/d.html'), ['file', 'miss'])
    t.match(await told(site, '/large'), ['file'], 'too large for a page')
    t.match(await told(site, '/.well-known/acme-challenge/token'), ['file'])
  })
}

t.test('a request says that it was redirected, forwarded, or shown a login page', async (t) => {
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
  t.match(await told(site, '/folder'), ['redirect'])
  for (let n = 0; n < 3; n++) {
    t.strictSame(await told(site, '/login'), ['login', undefined], 'kept by somebody else')
    t.strictSame(await told(site, '/up/a'), ['upstream', undefined])
  }
})

t.test('whoever is refused what is there is told of by its kind', async (t) => {
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

t.test('what is not there has no kind, and is kept as everything is', async (t) => {
  const site = await startSite(t)
  t.strictSame(await told(site, '/none'), [undefined, 'miss'])
  t.strictSame(await told(site, '/none'), [undefined, 'hit'])
  await site.set({ 'API:bad.example': '[' })
  t.strictSame(await told(site, '/', '*/*', 'bad.example'), [undefined, undefined], 'a fault')
  t.strictSame(await told(site, '/', '*/*', '..'), [undefined, undefined])
})

t.test('what changed has to be made again', async (t) => {
  const site = await startSite(t)
  const key = `FILES:${HOST}:/a.txt`
  await site.hset(key, { content: 'first' })
  t.strictSame(await told(site, '/a.txt'), ['file', 'miss'])
  t.strictSame(await told(site, '/a.txt'), ['file', 'hit'])
  await site.hset(key, { content: 'second' })
  t.strictSame(await told(site, '/a.txt'), ['file', 'miss'])
  t.strictSame(await told(site, '/a.txt'), ['file', 'hit'])
})

t.test('what is kept is stale while the store is away', async (t) => {
  const redis = await startRedis(t)
  const store = await openStore({ redis: { port: redis.port, db: 0, timeout: '5s' } })
  t.equal(await store.ready(HUNG_AFTER), true)
  const site = await startSite(t, { store })
  await site.hset(`FILES:${HOST}:/a.txt`, { content: 'text' })
  await waitFor(async () => (await told(site, '/a.txt'))[1] === 'hit', 'it to be kept')
  await redis.kill9()
  await waitFor(() => !store.connected, 'the loss')
  t.equal((await site.get('/a.txt')).text, 'text')
  t.match(site.requests.at(-1), { kind: 'file', cache: 'stale' })
  t.equal((await site.get('/b.txt')).status, 503)
  t.strictSame(await told(site, '/b.txt'), [undefined, undefined])
})
