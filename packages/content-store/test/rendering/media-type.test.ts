import t from 'tap'
import { DEFAULT_COMPRESSIBLE, isCompressible } from '../../src/rendering/compressible.ts'
import { mediaType } from '../../src/rendering/media-type.ts'

const types: [file: string, type: string][] = [
  ['index.html', 'text/html; charset=utf-8'],
  ['a/b.c/page.htm', 'text/html; charset=utf-8'],
  ['style.css', 'text/css; charset=utf-8'],
  ['app.js', 'text/javascript; charset=utf-8'],
  ['app.mjs', 'text/javascript; charset=utf-8'],
  ['app.ts', 'text/plain; charset=utf-8'],
  ['app.mts', 'text/plain; charset=utf-8'],
  ['app.cts', 'text/plain; charset=utf-8'],
  ['notes.txt', 'text/plain; charset=utf-8'],
  ['notes.md', 'text/markdown; charset=utf-8'],
  ['notes.markdown', 'text/markdown; charset=utf-8'],
  ['notes.dj', 'text/djot; charset=utf-8'],
  ['NOTES.DJ', 'text/djot; charset=utf-8'],
  ['page.lua', 'application/lua'],
  ['data.json', 'application/json; charset=utf-8'],
  ['app.webmanifest', 'application/manifest+json; charset=utf-8'],
  ['feed.xml', 'application/xml; charset=utf-8'],
  ['feed.atom', 'application/atom+xml; charset=utf-8'],
  ['page.xhtml', 'application/xhtml+xml; charset=utf-8'],
  ['image.svg', 'image/svg+xml; charset=utf-8'],
  ['image.png', 'image/png'],
  ['image.avif', 'image/avif'],
  ['favicon.ico', 'image/vnd.microsoft.icon'],
  ['font.woff2', 'font/woff2'],
  ['film.mp4', 'video/mp4'],
  ['app.wasm', 'application/wasm'],
  ['archive.tar.gz', 'application/gzip'],
  ['paper.pdf', 'application/pdf'],
  ['unknown.xyzzy', 'application/octet-stream'],
  ['README', 'application/octet-stream'],
  ['html', 'application/octet-stream'],
  ['dir.html/README', 'application/octet-stream'],
  ['.html', 'application/octet-stream'],
  ['.well-known/x', 'application/octet-stream'],
  ['name.', 'application/octet-stream'],
  ['', 'application/octet-stream'],
  ['x.__proto__', 'application/octet-stream'],
  ['x.constructor', 'application/octet-stream']
]

t.test('a file has the media type of its extension', async (t) => {
  for (const [file, type] of types) t.equal(mediaType(file), type, file)
})

t.test(
  'types are compressible by exact name or by kind, without regard to parameters and case',
  async (t) => {
    t.ok(isCompressible('text/html', ['text/html']))
    t.ok(isCompressible('Text/HTML ; charset=utf-8', ['text/html']))
    t.ok(isCompressible('text/x-anything', ['text/*']))
    t.notOk(isCompressible('text/html', ['text/htm', 'application/*', 'html']))
    t.notOk(isCompressible('', ['text/*']))
    t.notOk(isCompressible('text/html', []))
  }
)

t.test('by default text is compressible, and compressed formats are not', async (t) => {
  const files = types.map(([file]) => file)
  t.same(
    files.filter((file) => !isCompressible(mediaType(file), DEFAULT_COMPRESSIBLE)).slice(0, 6),
    ['image.png', 'image.avif', 'font.woff2', 'film.mp4', 'archive.tar.gz', 'paper.pdf']
  )
})
