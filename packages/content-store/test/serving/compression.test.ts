import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { waitFor } from '@reliw/testing'
import t from 'tap'
import { HOST, startSite } from './start-site.ts'

const TEXT = 'all work and no play '.repeat(1000)
const decoders = { br: brotliDecompressSync, zstd: zstdDecompressSync, gzip: gunzipSync }

for (const raw of [true, false]) {
  t.test(`each content coding is a variant with its own entity tag (raw: ${raw})`, async (t) => {
    const site = await startSite(t, { raw })
    site.write('a.txt', TEXT)
    const identity = await site.get('/a.txt')
    t.match(identity, { text: TEXT, headers: { vary: 'Accept-Encoding' } })
    t.notOk(identity.headers['content-encoding'])
    const tags = new Set([identity.headers.etag])
    for (const [name, decode] of Object.entries(decoders)) {
      const request = (headers = {}, method = 'GET') =>
        site.get('/a.txt', { method, headers: { 'accept-encoding': name, ...headers } })
      const response = await request()
      t.match(response.headers, { 'content-encoding': name, vary: 'Accept-Encoding' })
      t.equal(decode(response.bytes).toString(), TEXT)
      const etag = String(response.headers.etag)
      tags.add(etag)
      t.match(await request({ 'if-none-match': etag }), {
        status: 304,
        headers: { etag, vary: 'Accept-Encoding' }
      })
      t.equal((await request({ 'if-none-match': String(identity.headers.etag) })).status, 200)
      const head = await request({}, 'HEAD')
      t.equal(head.headers['content-length'], String(response.bytes.length))
      t.match(head, { text: '', headers: { etag, 'content-encoding': name } })
      const part = await request({ range: 'bytes=0-2' })
      t.match(part, { status: 206, text: 'all', headers: { etag: identity.headers.etag } })
      t.notOk(part.headers['content-encoding'])
    }
    t.equal(tags.size, 4)
  })
}

t.test('the coding that the client prefers comes first', async (t) => {
  const site = await startSite(t)
  site.write('a.txt', TEXT)
  const coding = async (accept: string) =>
    (await site.get('/a.txt', { headers: { 'accept-encoding': accept } })).headers[
      'content-encoding'
    ]
  t.equal(await coding('gzip, deflate, br, zstd'), 'br')
  t.equal(await coding('gzip, zstd;q=0.5'), 'gzip')
  t.equal(await coding('br;q=0, *'), 'zstd')
  t.equal(await coding('deflate'), undefined)
})

t.test('small content, other types and content that would grow are not compressed', async (t) => {
  const site = await startSite(t, { compression: { min_size: 1000, types: ['text/plain'] } })
  site.write('small.txt', 'x'.repeat(999))
  site.write('big.txt', 'x'.repeat(1000))
  site.write('page.html', TEXT)
  const get = (path: string) => site.get(path, { headers: { 'accept-encoding': 'gzip' } })
  t.equal((await get('/big.txt')).headers['content-encoding'], 'gzip')
  for (const path of ['/small.txt', '/page.html']) {
    const { headers } = await get(path)
    t.notOk(headers['content-encoding'] ?? headers.vary)
  }
  await site.hset(`FILES:${HOST}:/noise.txt`, { content: noise(2000) })
  t.notOk((await get('/noise.txt')).headers['content-encoding'])
})

t.test('compression can be switched off', async (t) => {
  const site = await startSite(t, { compression: { enabled: false } })
  site.write('a.txt', TEXT)
  const { headers } = await site.get('/a.txt', { headers: { 'accept-encoding': 'br' } })
  t.notOk(headers['content-encoding'] ?? headers.vary)
})

t.test('large content is sent uncompressed until its variant is ready', async (t) => {
  const site = await startSite(t)
  const text = TEXT.repeat(20)
  site.write('a.txt', text)
  const get = () => site.get('/a.txt', { headers: { 'accept-encoding': 'br' } })
  const first = await get()
  t.match(first.headers, { 'content-encoding': undefined, vary: 'Accept-Encoding' })
  const encoded = await waitFor(async () => {
    const response = await get()
    return response.headers['content-encoding'] === 'br' && response
  }, 'the variant')
  t.equal(brotliDecompressSync(encoded.bytes).toString(), text)
  t.not(encoded.headers.etag, first.headers.etag)
})

t.test('a changed file is never sent as a variant of the old one', async (t) => {
  const site = await startSite(t)
  for (let n = 0; n < 20; n++) {
    const text = `${n} ${TEXT}`
    site.write('a.txt', text)
    const { bytes } = await site.get('/a.txt', { headers: { 'accept-encoding': 'gzip' } })
    t.equal(gunzipSync(bytes).toString(), text)
  }
})

/** Bytes that no coding makes smaller. */
function noise(length: number): Buffer {
  let state = 1
  return Buffer.from(
    Uint8Array.from({ length }, () => (state = (state * 48_271) % 2_147_483_647) >> 8)
  )
}
