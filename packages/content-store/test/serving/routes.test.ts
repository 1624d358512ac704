import t from 'tap'
import { HOST, startSite } from './start-site.ts'

for (const raw of [true, false]) {
  t.test(`raw: ${raw}`, async (t) => {
    t.test('the first route that matches wins, exact ones by equality only', async (t) => {
      const routes = [
        ['/exact', 'exact', true],
        ['^/num/%d+$', 'number'],
        ['/ex', 'other']
      ]
      const site = await startSite(t, { raw, routes })
      for (const name of ['exact', 'number', 'other']) {
        await site.set({ [`API:${HOST}:${name}`]: { methods: { GET: true }, file: `${name}.txt` } })
        site.write(`${name}.txt`, name)
      }
      const textOf = async (path: string) => (await site.get(path)).text
      t.equal(await textOf('/exact'), 'exact')
      t.equal(await textOf('/num/12?q=1'), 'number')
      t.equal(await textOf('/exact/'), 'other')
      t.equal((await site.get('/num/x')).status, 404)
    })

    t.test('a method that the entry does not name is refused with those it does', async (t) => {
      const entry = { methods: { GET: true, OPTIONS: true, PUT: false } }
      const site = await startSite(t, { raw, entry })
      site.write('a.txt', 'text')
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE']) {
        const { status, headers } = await site.get('/a.txt', { method })
        t.match({ status, headers }, { status: 405, headers: { allow: 'GET, OPTIONS, HEAD' } })
      }
      const options = await site.get('/a.txt', { method: 'OPTIONS' })
      t.match(options, { status: 204, headers: { allow: 'GET, OPTIONS, HEAD' }, text: '' })
      const head = await site.get('/a.txt', { method: 'HEAD' })
      t.match(head, { status: 200, headers: { 'content-length': '4' }, text: '' })
    })

    t.test('HEAD can be named, and be refused', async (t) => {
      const site = await startSite(t, { raw, entry: { methods: { GET: true, HEAD: false } } })
      site.write('a.txt', 'text')
      t.match(await site.get('/a.txt', { method: 'HEAD' }), {
        status: 405,
        headers: { allow: 'GET' },
        text: ''
      })
      t.equal((await site.get('/a.txt')).status, 200)
    })

    t.test('a change of routes and entries applies to the next request', async (t) => {
      const site = await startSite(t, { raw })
      site.write('a.txt', 'text')
      t.equal((await site.get('/a.txt')).status, 200)
      await site.set({ [`API:${HOST}`]: [] })
      t.equal((await site.get('/a.txt')).status, 404)
      await site.set({ [`API:${HOST}`]: [['^/b$', 'b']] })
      await site.set({ [`API:${HOST}:b`]: { methods: { GET: true }, file: 'a.txt' } })
      t.equal((await site.get('/b')).text, 'text')
      await site.delete(`API:${HOST}`)
      t.equal((await site.get('/b')).status, 404)
    })
  })
}

t.test('a host without a site gets a page that says so, with the request id', async (t) => {
  const site = await startSite(t)
  const { status, text, headers } = await site.get('/', { host: 'unknown.example' })
  t.equal(status, 404)
  t.match(text, /404 Not Found/)
  t.match(text, /Request id: <code>req-\w+<\/code>/)
  t.match(headers, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff'
  })
})

t.test('an invalid host or path is a bad request', async (t) => {
  const site = await startSite(t)
  t.equal((await site.get('/', { host: 'a b' })).status, 400)
  for (const path of ['/%2e%2e/x', '/a%2fb', '/a%5cb', '/../x', '/a%00']) {
    t.equal((await site.get(path)).status, 400, path)
  }
})
