import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { TestContext } from '@reliw/testing'
import { test } from 'tap'
import { cookieOf, HOST, type ProtectedServer, startProtected } from './protected-site.ts'

const TEXT = `what only ada may read ${'and again '.repeat(2000)}`
const DECODE = { br: brotliDecompressSync, gzip: gunzipSync, zstd: zstdDecompressSync }

async function start(t: TestContext, entry: object = {}): Promise<ProtectedServer> {
  const entries = { private: { auth: ['ada'], ...entry }, public: {} }
  return startProtected(t, entries, {
    [`FILES:${HOST}:/private/a.txt`]: { content: TEXT },
    [`FILES:${HOST}:/private/page.md`]: { content: `# Title\n\n${TEXT}` },
    [`FILES:${HOST}:/public.txt`]: { content: TEXT }
  })
}

test('protected content is not cacheable by shared caches', async (t) => {
  const { logIn, visitor } = await start(t)
  const ada = await logIn()
  const cases = [
    [ada, '/private/a.txt', 200, 'private, no-cache'],
    [ada, '/private/page.md', 200, 'private, no-cache'],
    [ada, '/private/none', 404, 'no-store'],
    [ada, '/login', 200, 'no-store'],
    [visitor(), '/private/a.txt', 302, 'no-store'],
    [visitor(), '/public.txt', 200, 'no-cache'],
    [await logIn('bob'), '/private/a.txt', 403, 'no-store']
  ] as const
  for (const [browser, path, status, caching] of cases) {
    const response = await browser.visit(path)
    t.equal(response.status, status, path)
    t.equal(response.headers.get('cache-control'), caching, `${path} ${status}`)
  }
  const etag = (await ada.visit('/private/a.txt')).headers.get('etag') ?? ''
  const again = await ada.visit('/private/a.txt', { headers: { 'if-none-match': etag } })
  t.equal(again.status, 304)
  t.equal(again.headers.get('cache-control'), 'private, no-cache')
  for (const browser of [visitor(), await logIn('bob')]) {
    const { status } = await browser.visit('/private/a.txt', { headers: { 'if-none-match': etag } })
    t.not(status, 304, 'who may not have it is not told that it is still the same')
  }
})

test('an entry may say otherwise', async (t) => {
  const { logIn } = await start(t, { cache_control: 'private, max-age=60' })
  const { headers } = await (await logIn()).visit('/private/a.txt')
  t.equal(headers.get('cache-control'), 'private, max-age=60')
})

test('every encoding of a protected page is protected', async (t) => {
  const { send, logIn } = await start(t)
  const [ada, bob] = [cookieOf(await logIn()), cookieOf(await logIn('bob'))]
  for (const path of ['/private/a.txt', '/private/page.md']) {
    for (const [coding, decode] of Object.entries(DECODE)) {
      const get = async (...who: string[]) =>
        send('GET', path, `Accept-Encoding: ${coding}`, 'Accept: text/html', ...who)
      t.match(await get(), /^HTTP\/1\.1 302 /, `${path} ${coding}, before it was ever made`)
      const [head = '', body = ''] = (await get(ada)).split('\r\n\r\n')
      t.match(head, new RegExp(`^HTTP/1.1 200 [^]*\r\ncontent-encoding: ${coding}`, 'i'))
      t.match(String(decode(Buffer.from(body, 'latin1'))), TEXT.trim())
      t.match(await get(bob), /^HTTP\/1\.1 403 /, `${path} ${coding}, when it is kept`)
      t.match(await get(), /^HTTP\/1\.1 302 /, `${path} ${coding}, when it is kept`)
    }
  }
})
