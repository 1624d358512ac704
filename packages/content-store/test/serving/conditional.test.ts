import t from 'tap'
import { HOST, startSite } from './start-site.ts'

const TEXT = '0123456789'

for (const raw of [true, false]) {
  t.test(`raw: ${raw}`, async (t) => {
    const site = await startSite(t, { raw })
    site.write('a.txt', TEXT)
    const { headers } = await site.get('/a.txt')
    const etag = String(headers.etag)
    const date = String(headers['last-modified'])
    const before = new Date(Date.parse(date) - 1000).toUTCString()
    const request = (own: Record<string, string>, method = 'GET') =>
      site.get('/a.txt', { method, headers: own })

    t.test('HEAD gets a 304 where GET does, with the same header fields', async (t) => {
      const names = ['etag', 'last-modified', 'cache-control', 'content-type', 'vary']
      for (const own of [{ 'if-none-match': etag }, { 'if-modified-since': date }]) {
        const [get, head] = [await request(own), await request(own, 'HEAD')]
        t.match(head, { status: 304, text: '', headers: { etag } })
        for (const name of names) t.equal(head.headers[name], get.headers[name])
      }
      t.equal((await request({ 'if-modified-since': before }, 'HEAD')).status, 200)
    })

    t.test('other methods never get a 304, but a 412 when a tag matches', async (t) => {
      await site.set({ [`API:${HOST}:all`]: { methods: { GET: true, POST: true, OPTIONS: true } } })
      t.equal((await request({ 'if-none-match': etag }, 'POST')).status, 412)
      t.equal((await request({ 'if-none-match': '*' }, 'POST')).status, 412)
      t.equal((await request({ 'if-none-match': '"other"' }, 'POST')).status, 200)
      t.equal((await request({ 'if-modified-since': date }, 'POST')).status, 200)
      t.equal((await request({ 'if-none-match': etag }, 'OPTIONS')).status, 204)
    })

    t.test('If-None-Match makes GET and HEAD get a 304', async (t) => {
      for (const tags of [etag, `W/${etag}`, '*', `"x", ${etag}`, `"a,b" , W/${etag}`]) {
        const response = await request({ 'if-none-match': tags })
        t.match(response, { status: 304, text: '', headers: { etag } }, tags)
        t.equal(response.headers['content-length'], undefined)
        t.match(await request({ 'if-none-match': tags }, 'HEAD'), { status: 304, text: '' })
      }
      t.match(await request({ 'if-none-match': '"other"' }), { status: 200, text: TEXT })
    })

    t.test('If-Modified-Since decides where there is no If-None-Match', async (t) => {
      t.equal((await request({ 'if-modified-since': date })).status, 304)
      t.equal((await request({ 'if-modified-since': before })).status, 200)
      t.equal((await request({ 'if-modified-since': 'soon' })).status, 200)
      const both = { 'if-modified-since': date, 'if-none-match': '"other"' }
      t.equal((await request(both)).status, 200)
    })

    t.test('If-Match and If-Unmodified-Since that do not hold lead to a 412', async (t) => {
      t.equal((await request({ 'if-match': etag })).status, 200)
      t.equal((await request({ 'if-match': `W/${etag}` })).status, 412)
      t.equal((await request({ 'if-match': '"other"' })).status, 412)
      t.equal((await request({ 'if-unmodified-since': date })).status, 200)
      t.equal((await request({ 'if-unmodified-since': before })).status, 412)
    })

    t.test('one range gets a 206 with exactly these bytes', async (t) => {
      const ranges = { 'bytes=2-4': '234', 'bytes=7-': '789', 'bytes=-2': '89', 'bytes=8-99': '89' }
      for (const [range, text] of Object.entries(ranges)) {
        const response = await request({ range })
        t.match(response, { status: 206, text, headers: { etag } }, range)
        t.equal(response.headers['content-length'], String(text.length))
      }
      t.equal((await request({ range: 'bytes=2-4' })).headers['content-range'], 'bytes 2-4/10')
      t.match(await request({ range: 'bytes=2-4' }, 'HEAD'), { status: 200, text: '' })
    })

    t.test(
      'a range beyond the end gets a 416, an invalid one the whole representation',
      async (t) => {
        t.match(await request({ range: 'bytes=10-' }), {
          status: 416,
          headers: { 'content-range': 'bytes */10' },
          text: /416 Range Not Satisfiable/
        })
        for (const range of ['lines=0-1', 'bytes=4-2', 'bytes=x']) {
          t.match(await request({ range }), { status: 200, text: TEXT }, range)
        }
      }
    )

    t.test('If-Range gets the whole representation when it has changed', async (t) => {
      const range = 'bytes=0-1'
      t.equal((await request({ range, 'if-range': etag })).status, 206)
      t.equal((await request({ range, 'if-range': date })).status, 206)
      t.equal((await request({ range, 'if-range': '"other"' })).status, 200)
      t.equal((await request({ range, 'if-range': before })).status, 200)
      t.equal((await request({ range, 'if-none-match': etag })).status, 304)
    })

    t.test('the entity tag depends only on the content, so copies share it', async (t) => {
      site.write('b.txt', TEXT)
      t.equal((await site.get('/b.txt')).headers.etag, etag)
      site.write('b.txt', 'other')
      t.not((await site.get('/b.txt')).headers.etag, etag)
    })

    t.test('an empty file is served', async (t) => {
      site.write('empty.txt', '')
      t.match(await site.get('/empty.txt'), {
        status: 200,
        text: '',
        headers: { 'content-length': '0' }
      })
      for (const range of ['bytes=0-', 'bytes=0-0', 'bytes=-1', 'bytes=0-,5-'])
        t.equal((await site.get('/empty.txt', { headers: { range } })).status, 200, range)
    })
  })
}
