import { test } from 'tap'
import { startWithFiles, THERE } from './protected-files.ts'
import { cookieOf, HOST } from './protected-site.ts'

const MISSING = ['/private/none.txt', '/private/none/', '/private', '/private/folder/none']

/** A response without what names its request, its path, or its time. */
function plain(response: string, path: string): string {
  const id = /^x-request-id: (\S+)/im.exec(response)?.[1] ?? ''
  return response
    .replaceAll(id, 'ID')
    .replaceAll(encodeURIComponent(path), 'PATH')
    .replace(/^date: .*/im, 'DATE')
    .replace(/^content-length: \d{4}/im, 'LENGTH')
}

test('existing and missing files look alike to clients without access', async (t) => {
  const { logIn, send } = await startWithFiles(t)
  const bob = cookieOf(await logIn('bob'))
  const paths = [...MISSING, ...THERE.map(([path]) => path)]
  const cases: (readonly [method: string, ...lines: string[]])[] = [
    ['GET'],
    ['GET', 'Accept: application/json'],
    ['GET', 'If-None-Match: *'],
    ['GET', 'If-Match: "x"'],
    ['GET', 'Range: bytes=0-1'],
    ['GET', 'Range: bytes=9999999-'],
    ['GET', bob],
    ['GET', bob, 'Range: bytes=0-1'],
    ['HEAD'],
    ['HEAD', bob],
    ['POST'],
    ['POST', bob],
    ['PUT', bob, 'If-None-Match: *'],
    ['OPTIONS'],
    ['OPTIONS', bob]
  ]
  for (const [method, ...lines] of cases) {
    const responses = paths.map(async (path) => plain(await send(method, path, ...lines), path))
    const [first, ...others] = new Set(await Promise.all(responses))
    t.match(first, lines.includes(bob) ? /^HTTP\/1\.1 403 / : /^HTTP\/1\.1 (302|401) /)
    t.strictSame(others, [], [method, ...lines].join(' '))
  }
})

test('an unusable file is not revealed to clients without access', async (t) => {
  const { send, set } = await startWithFiles(t)
  await set(`DATA:${HOST}:template.html`, 'a layout without a place for the content')
  await set(`FILES:${HOST}:/private/broken.txt`, { mime: 'text/plain' })
  for (const path of ['/private/none.txt', '/private/broken.txt', '/private/page.md'])
    t.match(await send('GET', path), /^HTTP\/1\.1 302 /, path)
})
