import t from 'tap'
import { HOST, startSite } from './start-site.ts'

for (const raw of [true, false]) {
  t.test(`raw: ${raw}`, async (t) => {
    t.test('an entry’s file is served for every path', async (t) => {
      const site = await startSite(t, { raw, entry: { file: 'app.html' } })
      site.write('app.html', '<p>app')
      site.write('other.html', '<p>other')
      for (const path of ['/', '/other.html', '/deep/er/']) {
        t.equal((await site.get(path)).text, '<p>app')
      }
    })

    t.test('index is appended to paths that end in a slash', async (t) => {
      const site = await startSite(t, { raw, entry: { index: 'start.txt' } })
      site.write('start.txt', 'root')
      site.write('sub/start.txt', 'sub')
      t.equal((await site.get('/')).text, 'root')
      t.equal((await site.get('/sub/')).text, 'sub')
    })

    t.test('several index names are tried in turn, then with each extension', async (t) => {
      const entry = { index: ['index.html', 'index.htm', 'main'], try_extensions: ['.md'] }
      const site = await startSite(t, { raw, entry })
      t.equal((await site.get('/d/')).status, 404)
      site.write('d/main.md', '# Main')
      t.match(await site.get('/d/'), { status: 200, text: /Main/ })
      t.match(await site.get('/d'), { status: 301, headers: { location: '/d/' } })
      site.write('d/main/x', 'a directory')
      t.match(await site.get('/d/'), { status: 200, text: /Main/ })
      site.write('d/index.htm', 'second')
      t.equal((await site.get('/d/')).text, 'second')
      site.write('d/index.html', 'first')
      t.equal((await site.get('/d/')).text, 'first')
    })

    t.test('extensions are tried in order, after the name itself', async (t) => {
      const site = await startSite(t, { raw, entry: { try_extensions: ['.html', '.txt'] } })
      site.write('a', 'bare')
      site.write('a.txt', 'a.txt')
      site.write('b.html', 'b.html')
      site.write('b.txt', 'b.txt')
      site.write('c.txt', 'c.txt')
      const textOf = async (path: string) => (await site.get(path)).text
      t.same(await Promise.all(['/a', '/b', '/c'].map(textOf)), ['bare', 'b.html', 'c.txt'])
      t.equal((await site.get('/d')).status, 404)
    })

    t.test('gsub maps a path whose file is missing', async (t) => {
      const gsub = { pattern: '^/v(%d+)/(.+)$', replacement: '/%2/%1.txt' }
      const site = await startSite(t, { raw, entry: { gsub } })
      site.write('docs/7.txt', 'mapped')
      site.write('v8/docs', 'as it is')
      t.equal((await site.get('/v7/docs')).text, 'mapped')
      t.equal((await site.get('/v8/docs')).text, 'as it is')
      t.equal((await site.get('/v9/docs')).status, 404)
    })

    t.test('cache_control and headers are sent, and replace the defaults', async (t) => {
      const headers = { 'X-Own': '1', 'Content-Type': 'text/x-own', 'X-Content-Type-Options': 'x' }
      const site = await startSite(t, { raw, entry: { cache_control: 'max-age=60', headers } })
      site.write('a.txt', 'text')
      t.match((await site.get('/a.txt')).headers, {
        'cache-control': 'max-age=60',
        'x-own': '1',
        'content-type': 'text/x-own',
        'x-content-type-options': 'x'
      })
      const plain = await startSite(t, { raw })
      plain.write('a.txt', 'text')
      t.match((await plain.get('/a.txt')).headers, {
        'cache-control': 'no-cache',
        'content-type': 'text/plain; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'accept-ranges': 'bytes',
        etag: /^"[0-9a-f]{64}"$/
      })
    })

    t.test('error sets the text, or the whole page, of a status', async (t) => {
      const error = { 404: '<p>Nothing here: ${request_id}', 405: '<!doctype html><p>No' }
      const entry = { error, css_file: '/own.css', favicon_file: '/own.ico' }
      const site = await startSite(t, { raw, entry })
      const missing = await site.get('/none.txt')
      t.equal(missing.status, 404)
      t.match(missing.text, /<p>Nothing here: req-\w+/)
      t.match(missing.text, /href="\/own.css"/)
      t.match(missing.text, /href="\/own.ico"/)
      site.write('a.txt', 'text')
      t.match(await site.get('/a.txt', { method: 'POST' }), {
        status: 405,
        text: '<!doctype html><p>No'
      })
    })

    t.test('an ACME token is served before the routes, and without any', async (t) => {
      const site = await startSite(t, { raw, entry: { file: 'app.html' } })
      const path = '/.well-known/acme-challenge/t0ken'
      await site.set({ [`DATA:${HOST}:${path.slice(1)}`]: 'mine' })
      await site.set({ [`DATA:new.example:${path.slice(1)}`]: 'new' })
      t.match(await site.get(path), { status: 200, text: 'mine' })
      t.match(await site.get(path, { host: 'new.example' }), { status: 200, text: 'new' })
      t.equal((await site.get(path, { host: 'none.example' })).status, 404)
      await site.delete(`DATA:new.example:${path.slice(1)}`)
      t.equal((await site.get(path, { host: 'new.example' })).status, 404)
      await site.set({ 'API:bad.example': '{broken' })
      await site.set({ [`DATA:bad.example:${path.slice(1)}`]: 'bad' })
      t.match(await site.get(path, { host: 'bad.example' }), { status: 200, text: 'bad' })
    })
  })
}
