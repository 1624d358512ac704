import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { HOST, type Site, startSite } from './start-site.ts'

interface Listing {
  path: string
  page: number
  pages: number
  total: number
  complete: boolean
  entries: { name: string; type: string; size?: number; modified?: string }[]
}

const json = { headers: { accept: 'application/json' } }

async function list(site: Site, path: string): Promise<Listing> {
  return JSON.parse((await site.get(path, json)).text) as Listing
}

const namesIn = ({ entries }: Listing): string[] => entries.map(({ name }) => name)

for (const raw of [true, false]) {
  t.test(`a directory is listed as HTML or JSON, always current (raw: ${raw})`, async (t) => {
    const site = await startSite(t, { raw, entry: { index: 'index.html', listing: true } })
    utimesSync(site.write('d/a10.txt', '12345'), 1000, 1000)
    utimesSync(site.write('d/a9.txt', '1'.repeat(5000)), 2000, 2000)
    utimesSync(site.write('d/B.txt', ''), 3000, 3000)
    site.write('d/z/x.txt', '')
    t.match(await site.get('/d?x=1'), { status: 301, headers: { location: '/d/?x=1' } })
    const page = await site.get('/d/')
    t.match(page, {
      status: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        vary: /Accept/,
        'cache-control': 'no-cache'
      }
    })
    t.match(page.text, /<body class="listing">[^]*<h1[^>]*><a href="..\/">a\.example<\/a>/)
    t.match(page.text, /<a href=".\/z\/">z\/<\/a>[^]*4\.9 KiB[^]*1970-01-01<span> 00:33/)
    const etag = String(page.headers.etag)
    t.equal((await site.get('/d/', { headers: { 'if-none-match': etag } })).status, 304)
    t.match(await site.get('/d/', { method: 'HEAD' }), { status: 200, text: '', headers: { etag } })
    t.match(await list(site, '/d/'), {
      path: '/d/',
      page: 1,
      pages: 1,
      total: 4,
      complete: true,
      entries: [
        { name: 'z', type: 'directory' },
        { name: 'a9.txt', type: 'file', size: 5000, modified: '1970-01-01T00:33:20.000Z' },
        { name: 'a10.txt', type: 'file', size: 5 },
        { name: 'B.txt', type: 'file', size: 0 }
      ]
    })
    const orders = {
      'sort=size': ['z', 'B.txt', 'a10.txt', 'a9.txt'],
      'sort=size&order=desc': ['z', 'a9.txt', 'a10.txt', 'B.txt'],
      'sort=modified': ['z', 'a10.txt', 'a9.txt', 'B.txt'],
      'order=desc&sort=x': ['z', 'B.txt', 'a10.txt', 'a9.txt']
    }
    for (const [query, names] of Object.entries(orders))
      t.same(namesIn(await list(site, `/d/?${query}`)), names, query)
    for (const query of ['page=2', 'page=0', 'page=-1', 'page=1e3', 'page=100000', 'page=x'])
      t.equal((await site.get(`/d/?${query}`)).status, 404, query)

    site.write('d/a10.txt', '123')
    t.equal((await list(site, '/d/')).entries[2]?.size, 3)
    site.write('d/new.txt', '')
    t.equal((await list(site, '/d/')).total, 5)
    rmSync(join(site.dir, HOST, 'd/new.txt'))
    t.equal((await list(site, '/d/')).total, 4)
    site.write('d/index.html', 'index')
    t.equal((await site.get('/d/')).text, 'index')
    rmSync(join(site.dir, HOST, 'd'), { recursive: true })
    t.equal((await site.get('/d/')).status, 404)
    await site.set({ [`API:${HOST}:all`]: { methods: { GET: true } } })
    t.equal((await site.get('/')).status, 404, 'not listed any more')
  })
}

t.test('only what can be requested is listed, escaped', async (t) => {
  const site = await startSite(t, { entry: { listing: true } })
  const root = join(site.dir, HOST)
  const evil = '"><img src=x onerror=alert(1)>'
  const names = [evil, 'javascript:alert(1)', 'ü & <b>.txt', 'a#b?c.txt', '100%.txt', "it's"]
  for (const name of names) site.write(name, '')
  site.write('.env', 'secret')
  site.write('.well-known/x', '')
  site.write('back\\slash', '')
  site.write('new\nline', '')
  site.write('real/x.txt', '')
  site.write('/other/x.txt', '')
  writeFileSync(Buffer.concat([Buffer.from(join(root, 'not-utf8-')), Buffer.from([0xff])]), '')
  execFileSync('mkfifo', [join(root, 'pipe')])
  symlinkSync('real/x.txt', join(root, 'link.txt'))
  symlinkSync('real', join(root, 'linked'))
  symlinkSync('../other/x.txt', join(root, 'out.txt'))
  symlinkSync('/etc', join(root, 'etc'))
  symlinkSync('nowhere', join(root, 'dangling'))
  const { entries } = await list(site, '/')
  const listed = entries.map(({ name }) => name)
  t.same(listed.toSorted(), [...names, 'link.txt', 'linked', 'real'].toSorted())
  for (const { name, type } of entries) {
    const path = `/${encodeURIComponent(name)}`
    t.equal((await site.get(path)).status, type === 'file' ? 200 : 301, name)
  }
  t.match((await list(site, '/linked/')).entries, [{ name: 'x.txt' }])
  const { text } = await site.get('/')
  t.notMatch(text, /<img|<b>\.txt|href="javascript/)
  t.match(text, 'href="./javascript%3Aalert(1)"')
  t.match(text, '&quot;&gt;&lt;img')
  for (const path of ['/etc/', '/.well-known/', '/link.txt/', '/pipe/', '/none/', '/..%2f'])
    t.not((await site.get(path)).status, 200, path)
})

t.test('large directories have pages, of a bounded number of names', async (t) => {
  const site = await startSite(t, { entry: { listing: true } })
  const root = join(site.dir, HOST)
  mkdirSync(join(root, 'large'), { recursive: true })
  for (let at = 0; at < 450; at++) writeFileSync(join(root, 'large', `${at}.txt`), '')
  const last = await list(site, '/large/?page=3')
  t.match(last, { page: 3, pages: 3, total: 450, complete: true })
  t.same(namesIn(last).slice(0, 2), ['400.txt', '401.txt'])
  t.equal(last.entries.length, 50)
  const { text } = await site.get('/large/?page=2&sort=size')
  t.match(text, 'href="?sort=size"')
  t.match(text, 'href="?page=3&amp;sort=size"')
  t.match(text, 'Page 2 of 3')
  for (let at = 450; at < 10_100; at++) writeFileSync(join(root, 'large', `${at}.txt`), '')
  const all = await list(site, '/large/?page=50')
  t.match(all, { page: 50, pages: 50, total: 10_000, complete: false })
  t.match((await site.get('/large/')).text, /more than 10,000 files/)
  t.equal((await site.get('/large/?page=51')).status, 404)
})

t.test('a listing has the layout, the auth and the methods of its entry', async (t) => {
  const site = await startSite(t, {
    entry: { methods: { GET: true, POST: true }, listing: true, auth: ['ada'], fallback: '/f' },
    authorize: ({ headers }) => {
      if (headers.authorization !== undefined) return true
      throw Object.assign(new Error('no'), { statusCode: 401 })
    }
  })
  await site.set({ [`DATA:${HOST}:template.html`]: '<p>own ${class} ${title}</p>${content}' })
  site.write('/__/shared/x.txt', '')
  site.write('f', 'fallback')
  const headers = { authorization: 'x' }
  t.notMatch(await site.get('/'), { status: 200 })
  const page = await site.get('/', { headers })
  t.match(page, { status: 200, headers: { 'cache-control': 'private, no-cache' } })
  t.match(page.text, '<p>own listing /</p>')
  t.equal((await site.get('/', { headers, method: 'POST' })).status, 404)
  t.match((await site.get('/shared/', { headers })).text, 'x.txt')
  t.equal((await site.get('/none/', { headers })).text, 'fallback')
})
