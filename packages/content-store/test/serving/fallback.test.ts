import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { HOST, startSite } from './start-site.ts'

const LONG = 'public, max-age=31536000, immutable'

for (const raw of [true, false]) {
  t.test(`paths without a file get the fallback (raw: ${raw})`, async (t) => {
    const entry = {
      methods: { GET: true, POST: true, OPTIONS: true },
      fallback: '/app.html',
      cache_control: LONG,
      headers: { 'Cache-Control': LONG, 'x-a': 'b' }
    }
    const site = await startSite(t, { raw, entry })
    t.equal((await site.get('/users/7')).status, 404, 'there is none yet')
    site.write('app.html', 'the app')
    site.write('assets/a.js', 'script')
    const page = await site.get('/users/7?x=1')
    t.match(page, {
      status: 200,
      text: 'the app',
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'x-a': 'b',
        etag: /^"[0-9a-f]{64}"$/
      }
    })
    const { etag = '' } = page.headers
    for (const path of ['/users/8', '/v1.2', '/users/', '/%C3%BC/2.0.1', '/assets/'])
      t.match(await site.get(path), { status: 200, text: 'the app', headers: { etag } }, path)
    t.match(await site.get('/x', { method: 'HEAD' }), { status: 200, text: '', headers: { etag } })
    const known = { headers: { 'if-none-match': etag } }
    t.match(await site.get('/x', known), { status: 304, headers: { 'cache-control': 'no-cache' } })
    t.match(await site.get('/x', { headers: { range: 'bytes=4-6' } }), { status: 206, text: 'app' })
    t.match(await site.get('/x', { method: 'OPTIONS' }), { status: 204 })

    const script = await site.get('/assets/a.js')
    t.match(script, { status: 200, text: 'script', headers: { 'cache-control': LONG } })
    for (const path of ['/assets/b.js', '/a.7z', '/.env', '/x.html'])
      t.equal((await site.get(path)).status, 404, path)
    t.equal((await site.get('/users/7', { method: 'POST' })).status, 404)
    t.equal((await site.get('/users/7', { method: 'PUT' })).status, 405)

    site.write('app.html', 'the new app')
    t.equal((await site.get('/users/7')).text, 'the new app')
    site.write('users/7', 'a file')
    t.equal((await site.get('/users/7')).text, 'a file')
  })
}

t.test('a fallback may be stored, rendered, large, or for all paths', async (t) => {
  const fallback = { file: 'shell.md', extensions: true }
  const site = await startSite(t, { raw: true, cache_max_size: 1000, entry: { fallback } })
  await site.hset(`FILES:${HOST}:/shell.md`, { content: '# Shell' })
  const one = await site.get('/a.js')
  t.match(one, { status: 200, text: /<h1 id="shell">Shell/, headers: { vary: /Accept/ } })
  t.equal((await site.get('/b')).headers.etag, one.headers.etag)
  await site.delete(`FILES:${HOST}:/shell.md`)
  site.write('shell.md', 'x'.repeat(2000))
  const cache_control = LONG
  await site.set({
    [`API:${HOST}:all`]: { methods: { GET: true }, fallback: 'shell.md', cache_control }
  })
  const large = await site.get('/c')
  t.match(large, { status: 200, headers: { 'cache-control': 'no-cache' } })
  t.equal(large.bytes.length, 2000)
  site.write('shell.md', 'y'.repeat(3000))
  const again = await site.get('/c')
  t.match(again, { status: 200, headers: { 'cache-control': 'no-cache' } })
  t.equal(again.bytes.length, 3000)
  await site.set({ [`API:${HOST}:all`]: { methods: { GET: true }, fallback: '/.env' } })
  site.write('.env', 'secret')
  t.equal((await site.get('/c')).status, 404, 'a hidden file')
})

t.test('a directory with an index redirects first', async (t) => {
  const entry = { index: 'index.html', fallback: '/index.html' }
  const site = await startSite(t, { entry })
  site.write('index.html', 'the app')
  mkdirSync(join(site.dir, HOST, 'docs'))
  t.match(await site.get('/docs'), { status: 301, headers: { location: '/docs/' } })
  t.match(await site.get('/docs/'), { status: 200, text: 'the app' })
})

t.test('the fallback is behind the auth of its entry', async (t) => {
  const site = await startSite(t, {
    entry: { fallback: '/app.html', auth: ['ada'] },
    authorize: (request) => {
      if (request.headers.authorization === undefined)
        throw Object.assign(new Error('no'), { statusCode: 401 })
      return true
    }
  })
  site.write('app.html', 'the app')
  t.equal((await site.get('/x')).status, 401)
  t.match(await site.get('/x', { headers: { authorization: 'yes' } }), {
    status: 200,
    text: 'the app',
    headers: { 'cache-control': 'private, no-cache' }
  })
  t.equal((await site.get('/x')).status, 401)
})
