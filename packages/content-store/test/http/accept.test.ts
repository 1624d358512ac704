import t from 'tap'
import { preferredEncodings, prefersMarkdown } from '../../src/http/accept.ts'

const encodings: [header: string | undefined, expected: string][] = [
  [undefined, ''],
  ['', ''],
  ['gzip', 'gzip'],
  ['gzip, deflate, br, zstd', 'br zstd gzip'],
  ['gzip, deflate, br', 'br gzip'],
  ['GZIP , BR', 'br gzip'],
  ['gzip;q=1.0, br;q=0.5', 'gzip br'],
  ['gzip;q=0.8, zstd;q=0.8, br;q=0.2', 'zstd gzip br'],
  ['br;q=0, gzip', 'gzip'],
  ['br;q=0.000', ''],
  ['br ; Q = 0', ''],
  ['*', 'br zstd gzip'],
  ['*;q=0', ''],
  ['gzip, *;q=0', 'gzip'],
  ['br;q=0, *', 'zstd gzip'],
  ['gzip, *;q=0.5', 'gzip br zstd'],
  ['identity', ''],
  ['identity, gzip', 'gzip'],
  ['identity, gzip;q=0.5', ''],
  ['identity;q=0.5, gzip;q=0.4, br;q=0.6', 'br'],
  ['identity;q=0', ''],
  ['identity;q=0, gzip;q=0.1', 'gzip'],
  ['identity;q=0, *', 'br zstd gzip'],
  ['deflate, compress', ''],
  ['xbr, gzipx, z', ''],
  ['br;q=2, gzip', 'gzip'],
  ['br;q=x, gzip', 'gzip'],
  ['br;q=-1, gzip', 'gzip'],
  ['br;q=, gzip', 'gzip'],
  ['br;q=1.001, gzip', 'gzip'],
  ['br;level=5, gzip', 'br gzip'],
  ['br, br;q=0', 'br'],
  [',;,;q=1,', ''],
  ['__proto__, constructor', ''],
  [`${'x,'.repeat(8000)}gzip`, 'gzip']
]

t.test('encodings are offered by the weights of the client, then by ours', async (t) => {
  for (const [header, expected] of encodings) {
    t.equal(preferredEncodings(header).join(' '), expected, `${header?.slice(0, 40)}`)
    t.equal(preferredEncodings(header).join(' '), expected, 'the same from the cache')
  }
})

t.test('a header seen before is not parsed again, and its result is frozen', async (t) => {
  t.equal(preferredEncodings('br, gzip;q=0.9'), preferredEncodings('br, gzip;q=0.9'))
  t.ok(Object.isFrozen(preferredEncodings('br, gzip;q=0.9')))
})

t.test('a bounded number of headers is cached, and no long ones', async (t) => {
  const first = preferredEncodings('br, x-first')
  for (let i = 0; i < 128; i++) preferredEncodings(`br, x-${i}`)
  t.not(preferredEncodings('br, x-first'), first)
  const long = `br, ${'x'.repeat(256)}`
  t.not(preferredEncodings(long), preferredEncodings(long))
})

const markdown: [accept: string | undefined, expected: boolean][] = [
  [undefined, false],
  ['', false],
  ['*/*', false],
  ['text/*', false],
  ['text/html,application/xhtml+xml,*/*;q=0.8', false],
  ['text/markdown', true],
  ['text/djot', true],
  ['Text/Markdown', true],
  ['text/markdown;variant=GFM', true],
  ['text/markdown, text/html', true],
  ['text/html, text/markdown', true],
  ['text/markdown, text/html;q=0.9, */*;q=0.8', true],
  ['text/markdown;q=0.9, text/html', false],
  ['text/markdown;q=0.9, */*', false],
  ['text/markdown;q=0.9, text/*;q=0.5, */*', true],
  ['text/markdown;q=0', false],
  ['text/markdown;q=0, text/djot', true],
  ['text/markdown;variant=GFM;q=0.1, text/html;q=0.2', false],
  ['text/html;q=0, text/markdown;q=0.1', true],
  ['text/markdownish', false],
  ['application/text/markdown', false]
]

t.test('Markdown is preferred only by a client that names it', async (t) => {
  for (const [accept, expected] of markdown) t.equal(prefersMarkdown(accept), expected, `${accept}`)
})
