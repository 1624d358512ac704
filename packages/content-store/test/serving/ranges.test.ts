import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import type { Response } from './send-request.ts'
import { startSite, type Site } from './start-site.ts'

const SIZE = 300_000

interface Part {
  type: string
  range: string
  bytes: string
}

/** Reads multipart/byteranges (RFC 2046 5.1.1) and checks its headers. */
function partsOf(t: Test, { headers, bytes }: Response): Part[] {
  t.equal(headers['content-length'], String(bytes.length))
  t.equal(headers['content-range'], undefined)
  const [, boundary = ''] =
    /^multipart\/byteranges; boundary=(\w+)$/.exec(String(headers['content-type'])) ?? []
  const [preamble, ...parts] = bytes.toString('latin1').split(`\r\n--${boundary}`)
  t.equal(preamble, '')
  t.equal(parts.pop(), '--\r\n')
  return parts.map((part) => {
    const [, type = '', range = '', content = ''] =
      /^\r\nContent-Type: (.*)\r\nContent-Range: (.*)\r\n\r\n([^]*)$/.exec(part) ?? []
    return { type, range, bytes: content }
  })
}

for (const [name, options] of Object.entries({
  'cached, written raw': { raw: true },
  'cached, sent by Fastify': {},
  'too large for the cache': { cache_max_size: 1000 }
})) {
  const startWith = async (t: Test): Promise<[Site, string]> => {
    const site = await startSite(t, options)
    const content = randomBytes(SIZE)
    site.write('a.bin', content)
    return [site, content.toString('latin1')]
  }

  t.test(`several ranges are parts of one response: content that is ${name}`, async (t) => {
    const [site, content] = await startWith(t)
    const whole = await site.get('/a.bin')
    const response = await site.get('/a.bin', {
      headers: { range: 'bytes=-5, 0-9,5000-,  1000-299989 ,999999-' }
    })
    t.equal(response.status, 206)
    for (const field of ['etag', 'last-modified', 'accept-ranges', 'cache-control'])
      t.equal(response.headers[field], whole.headers[field], field)
    const type = String(whole.headers['content-type'])
    const last = await site.get('/a.bin', {
      headers: { range: 'bytes=299995-299999,0-9,100000-100499' }
    })
    t.same(partsOf(t, last), [
      { type, range: `bytes 299995-299999/${SIZE}`, bytes: content.slice(-5) },
      { type, range: `bytes 0-9/${SIZE}`, bytes: content.slice(0, 10) },
      { type, range: `bytes 100000-100499/${SIZE}`, bytes: content.slice(100_000, 100_500) }
    ])
    const other = await site.get('/a.bin', { headers: { range: 'bytes=0-9,5000-5009' } })
    t.not(other.headers['content-type'], last.headers['content-type'], 'another boundary')
    t.match(partsOf(t, response), [
      { range: `bytes 1000-299999/${SIZE}`, bytes: content.slice(1000) },
      { range: `bytes 0-9/${SIZE}`, bytes: content.slice(0, 10) }
    ])
  })

  t.test(
    `ranges that merge are sent as one, and ranges that exceed the whole as the whole: ${name}`,
    async (t) => {
      const [site, content] = await startWith(t)
      const request = (range: string, own: Record<string, string> = {}, method = 'GET') =>
        site.get('/a.bin', { method, headers: { range, ...own } })
      const one = await request('bytes=10-19,20-29,0-9')
      t.match(one, {
        status: 206,
        headers: { 'content-range': `bytes 0-29/${SIZE}`, 'content-length': '30' }
      })
      t.equal(one.bytes.toString('latin1'), content.slice(0, 30))
      t.match(
        await request('bytes=0-149800,150000-'),
        { status: 200 },
        'parts are longer than the whole'
      )
      t.match(
        await request(
          `bytes=${Array.from({ length: 17 }, (_, at) => `${at * 999}-${at * 999}`).join(',')}`
        ),
        { status: 200 }
      )
      t.match(await request('bytes=300000-,400000-'), {
        status: 416,
        headers: { 'content-range': `bytes */${SIZE}` }
      })
      const {
        headers: { etag = '' }
      } = one
      t.equal((await request('bytes=0-9,5000-5009', { 'if-range': etag })).status, 206)
      t.equal((await request('bytes=0-9,5000-5009', { 'if-range': '"other"' })).status, 200)
      t.equal((await request('bytes=0-9,5000-5009', { 'if-none-match': etag })).status, 304)
      t.match(await request('bytes=0-9,5000-5009', {}, 'HEAD'), {
        status: 200,
        text: '',
        headers: { 'content-length': String(SIZE) }
      })
    }
  )
}
