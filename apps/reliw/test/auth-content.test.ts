import { test } from 'tap'
import { SECRET, startWithFiles, THERE } from './protected-files.ts'
import { cookieOf, HOST } from './protected-site.ts'

test('users of the rule get files, pages and folders, others do not', async (t) => {
  const { logIn, visitor } = await startWithFiles(t)
  const [ada, bob] = [await logIn('ada'), await logIn('bob')]
  for (const [path, status] of THERE) {
    const response = await ada.visit(path)
    t.equal(response.status, status, path)
    if (status === 200) t.match(response.text, SECRET, path)
    const others = [await bob.visit(path), await visitor().visit(path)]
    t.strictSame(
      others.map((other) => other.status),
      [403, 302],
      path
    )
    for (const { text, headers } of others) {
      t.notMatch(text, SECRET, path)
      t.notOk(headers.has('etag') || headers.has('last-modified'), path)
    }
  }
  t.equal((await ada.visit('/private/folder')).location, '/private/folder/')
  t.match(await visitor().visit('/public.txt'), { status: 200, text: 'for all' })
})

test('ranges and HEAD of a protected file require the same login', async (t) => {
  const { logIn, send } = await startWithFiles(t)
  const [ada, bob] = [cookieOf(await logIn('ada')), cookieOf(await logIn('bob'))]
  for (const path of ['/private/file.txt', '/private/large.bin']) {
    const part = await send('GET', path, 'Range: bytes=5-8', ada)
    t.match(part, /^HTTP\/1\.1 206 [^]*\r\ncontent-length: 4\r\n/i, path)
    t.ok(part.endsWith(`\r\n\r\n${SECRET.slice(5, 9)}`), path)
    const head = await send('HEAD', path, ada)
    t.match(head, /^HTTP\/1\.1 200 [^]*\r\netag: "/i, path)
    t.ok(head.endsWith('\r\n\r\n'), path)
    t.match(await send('GET', path, 'Range: bytes=9999999-', ada), /^HTTP\/1\.1 416 /, path)
    t.match(await send('GET', path, 'Range: bytes=5-8', bob), /^HTTP\/1\.1 403 /, path)
    t.match(await send('HEAD', path, bob), /^HTTP\/1\.1 403 [^]*\r\n\r\n$/, path)
  }
})

test('allowed methods are listed only for admitted users', async (t) => {
  const { logIn, send } = await startWithFiles(t)
  const ada = cookieOf(await logIn('ada'))
  const path = '/private/file.txt'
  t.match(await send('POST', path, ada), /^HTTP\/1\.1 405 [^]*\r\nallow: GET, HEAD\r\n/i)
  t.match(await send('POST', path), /^HTTP\/1\.1 302 /)
  for (const lines of [[], [ada]]) t.notMatch(await send('OPTIONS', path, ...lines), SECRET)
  t.match(await send('PUT', '/login'), /^HTTP\/1\.1 405 [^]*\r\nallow: GET, POST, HEAD\r\n/i)
})

test('error pages of a protected entry are served without its content', async (t) => {
  const { logIn, visitor } = await startWithFiles(t)
  const ada = await logIn('ada')
  t.match(await ada.visit('/private/none.txt'), { status: 404, text: SECRET })
  const bob = await (await logIn('bob')).visit('/private/none.txt')
  t.equal(bob.status, 403)
  t.match(bob.text, /403[^]*Request id/)
  t.match(bob.headers.get('cache-control'), 'no-store')
  t.equal((await visitor().visit('/nowhere')).status, 404, 'no route')
})

test('ACME tokens are public, whatever the routes are', async (t) => {
  const { set, send } = await startWithFiles(t)
  await set(`API:${HOST}`, [['', 'private']])
  await set(`DATA:${HOST}:.well-known/acme-challenge/t0ken`, 'proof')
  t.match(await send('GET', '/.well-known/acme-challenge/t0ken'), /^HTTP\/1\.1 200 [^]*proof$/)
  t.match(await send('GET', '/.well-known/acme-challenge/other'), /^HTTP\/1\.1 302 /)
})
