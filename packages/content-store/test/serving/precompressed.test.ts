import { appendFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { HOST, type Site, startSite } from './start-site.ts'

const TEXT = 'some text that is compressed\n'.repeat(100)

function put(site: Site, name: string, content: string | Buffer, seconds: number): void {
  utimesSync(site.write(name, content), seconds, seconds)
}

for (const raw of [true, false]) {
  for (const cache_max_size of [1_000_000, 20]) {
    const is = `raw: ${raw}, ${cache_max_size === 20 ? 'streamed' : 'cached'}`
    t.test(`compressed files beside a file are sent instead of it (${is})`, async (t) => {
      const site = await startSite(t, { raw, cache_max_size, compression: { enabled: false } })
      const br = brotliCompressSync(TEXT)
      put(site, 'a.txt', TEXT, 1000)
      const get = async (accepted: string | undefined, headers = {}, method = 'GET') => {
        const encoding = accepted === undefined ? {} : { 'accept-encoding': accepted }
        return site.get('/a.txt', { method, headers: { ...encoding, ...headers } })
      }
      const alone = await get('br, gzip')
      t.match(alone, { text: TEXT, headers: { 'content-encoding': undefined, vary: undefined } })

      put(site, 'a.txt.br', br, 1000)
      put(site, 'a.txt.gz', gzipSync(TEXT), 1001)
      const coded = await get('gzip, br')
      t.match(coded, {
        status: 200,
        headers: {
          'content-encoding': 'br',
          'content-type': 'text/plain; charset=utf-8',
          vary: 'Accept-Encoding',
          'content-length': String(br.length)
        }
      })
      t.equal(brotliDecompressSync(coded.bytes).toString(), TEXT)
      const zipped = await get('br;q=0.1, gzip')
      t.equal(zipped.headers['content-encoding'], 'gzip')
      t.equal(gunzipSync(zipped.bytes).toString(), TEXT)
      const plain = await get(undefined)
      t.match(plain, { text: TEXT, headers: { vary: 'Accept-Encoding' } })
      t.notOk(plain.headers['content-encoding'])
      for (const accepted of ['identity', 'br;q=0', 'zstd', '*;q=0'])
        t.notOk((await get(accepted)).headers['content-encoding'], accepted)
      const etags = [coded, zipped, plain].map(({ headers }) => headers.etag)
      t.equal(new Set(etags).size, 3)

      const etag = String(coded.headers.etag)
      const head = await get('br', {}, 'HEAD')
      t.match(head, { text: '', headers: { etag, 'content-encoding': 'br' } })
      t.match(await get('br', { 'if-none-match': etag }), { status: 304, headers: { etag } })
      t.equal((await get('gzip', { 'if-none-match': etag })).status, 200)
      const rest = await get('br', { range: 'bytes=10-', 'if-range': etag })
      t.match(rest, { status: 206, headers: { 'content-encoding': 'br', etag } })
      t.same(rest.bytes, br.subarray(10))
      t.equal(rest.headers['content-range'], `bytes 10-${br.length - 1}/${br.length}`)
      const other = await get(undefined, { range: 'bytes=10-', 'if-range': etag })
      t.match(other, { status: 200, text: TEXT })
      const part = await get(undefined, { range: 'bytes=0-3' })
      t.match(part, { status: 206, text: 'some', headers: { vary: 'Accept-Encoding' } })

      put(site, 'a.txt', `new ${TEXT}`, 1001)
      t.equal((await get('br')).text, `new ${TEXT}`, 'the br is older')
      t.equal((await get('br, gzip')).headers['content-encoding'], 'gzip', 'the gz is not')
      put(site, 'a.txt.br', brotliCompressSync(`new ${TEXT}`), 1001)
      const renewed = await get('br')
      t.equal(brotliDecompressSync(renewed.bytes).toString(), `new ${TEXT}`)
      rmSync(join(site.dir, HOST, 'a.txt'))
      t.equal((await get('br')).status, 404, 'nothing without the original')
      t.same((await site.get('/a.txt.gz')).bytes, gzipSync(TEXT), 'a file like any other')
    })
  }
}

t.test('only compressed files of the site are used', async (t) => {
  const site = await startSite(t, { entry: { try_extensions: ['.md'] } })
  put(site, 'a.txt', TEXT, 1000)
  put(site, '/outside.gz', gzipSync('outside'), 2000)
  symlinkSync('../outside.gz', join(site.dir, HOST, 'a.txt.gz'))
  put(site, 'a.txt.zst', '', 2000)
  site.write('a.txt.br/x', 'a directory')
  put(site, 'b.gz', gzipSync('b'), 1000)
  put(site, 'b.gz.gz', gzipSync('c'), 1000)
  put(site, 'c.md', '# Page', 1000)
  put(site, 'c.md.gz', gzipSync('# Other'), 1000)
  const headers = { 'accept-encoding': 'br, zstd, gzip' }
  t.equal((await site.get('/a.txt', { headers })).text, TEXT)
  t.same((await site.get('/b.gz', { headers })).bytes, gzipSync('b'))
  t.match((await site.get('/c', { headers })).text, /Page/)
})

t.test('precompressed: false sends the originals', async (t) => {
  const compression = { enabled: false, precompressed: false }
  const site = await startSite(t, { compression })
  put(site, 'a.txt', TEXT, 1000)
  put(site, 'a.txt.gz', gzipSync('x'), 1000)
  const { text, headers } = await site.get('/a.txt', { headers: { 'accept-encoding': 'gzip' } })
  t.equal(text, TEXT)
  t.notOk(headers.vary)
})

t.test('a compressed file that is being written never fails a request', async (t) => {
  const site = await startSite(t, { raw: true, cache_max_size: 20 })
  put(site, 'a.txt', TEXT, 1000)
  put(site, 'a.txt.gz', gzipSync(TEXT), 2000)
  const headers = { 'accept-encoding': 'gzip' }
  t.equal((await site.get('/a.txt', { headers })).headers['content-encoding'], 'gzip')
  const file = join(site.dir, HOST, 'a.txt.gz')
  const timer = setInterval(() => appendFileSync(file, 'x'), 1)
  t.teardown(() => clearInterval(timer))
  for (let count = 0; count < 20; count++)
    t.equal((await site.get('/a.txt', { headers })).status, 200)
})
