import { gzipSync } from 'node:zlib'
import { freePort } from '@reliw/testing'
import t from 'tap'
import { fetchList, type Validators } from '../src/lists/fetch-list.ts'
import { startListSource, textOf } from './list-source.ts'

const never = new AbortController().signal
const fetchFrom = (url: string, known: Validators = {}) => fetchList(url, known, never)

t.test('a document is fetched with its validators, and only if it has changed', async (t) => {
  const source = await startListSource(t, (request, response) => {
    response.setHeader('last-modified', 'Mon, 30 Nov 2026 10:00:00 GMT')
    textOf('192.0.2.1\n', '"a"')(request, response)
  })
  const document = await fetchFrom(source.url)
  const last_modified = 'Mon, 30 Nov 2026 10:00:00 GMT'
  t.strictSame(document, { text: '192.0.2.1\n', etag: '"a"', last_modified })
  t.equal(await fetchFrom(source.url, document), undefined)
  t.match(source.requests[1]?.headers, {
    'if-none-match': '"a"',
    'if-modified-since': last_modified
  })
  source.answer = (_request, response) => {
    response.setHeader('etag', `"${'a'.repeat(300)}"`).setHeader('content-encoding', 'gzip')
    response.end(gzipSync('192.0.2.2'))
  }
  t.strictSame(await fetchFrom(source.url), {
    text: '192.0.2.2',
    etag: undefined,
    last_modified: undefined
  })
})

t.test('redirects are followed to other addresses of the web, up to five', async (t) => {
  const source = await startListSource(t, (request, response) => {
    const left = Number(new URL(request.url ?? '', 'http://x').searchParams.get('left'))
    if (left === 0) response.end('192.0.2.1')
    else response.writeHead(302, { location: `?left=${left - 1}` }).end()
  })
  t.equal((await fetchFrom(`${source.url}?left=5`))?.text, '192.0.2.1')
  await t.rejects(fetchFrom(`${source.url}?left=6`), { message: 'there are more than 5 redirects' })
  for (const [location, why] of [
    ['file:///etc/passwd', /leads elsewhere: expected an address/],
    ['http://user:secret@127.0.0.1/', /leads elsewhere: credentials/],
    ['http://', /no valid Location/],
    [undefined, /more than 5 redirects/]
  ] as const) {
    source.answer = (_request, response) =>
      void response.writeHead(301, location === undefined ? {} : { location }).end()
    await t.rejects(fetchFrom(source.url), { message: why })
  }
})

t.test('a document that is too large, late or broken off is refused', async (t) => {
  const source = await startListSource(t, (_request, response) => {
    response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(5_000_000, 0x23)))
  })
  await t.rejects(fetchFrom(source.url), { message: /larger than 4194304 bytes/ })
  source.answer = (_request, response) => void response.writeHead(500).end('192.0.2.1')
  await t.rejects(fetchFrom(source.url), { message: 'the status is 500' })
  source.answer = (_request, response) => {
    response.setHeader('content-length', 100).write('192.0.2.1')
    response.destroy()
  }
  await t.rejects(fetchFrom(source.url), { message: /the request failed/ })
  await t.rejects(fetchFrom(`http://127.0.0.1:${await freePort()}/`), {
    message: 'the request failed: ECONNREFUSED'
  })
  const end = new AbortController()
  source.answer = () => end.abort()
  await t.rejects(fetchList(source.url, {}, end.signal))
})
