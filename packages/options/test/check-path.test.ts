import t from 'tap'
import { checkPath } from '../src/index.ts'

const accepted: [target: string, path: string][] = [
  ['/', '/'],
  ['/?', '/'],
  ['/?q=1', '/'],
  ['/index.html', '/index.html'],
  ['/a/b/c', '/a/b/c'],
  ['/a/', '/a/'],
  ['//', '/'],
  ['/./', '/'],
  ['/.', '/'],
  ['/a//b', '/a/b'],
  ['/a/./b', '/a/b'],
  ['/a/.//./b/.', '/a/b/'],
  ['/a/.b', '/a/.b'],
  ['/a./b', '/a./b'],
  ['//example.com/', '/example.com/'],
  ['/.well-known/acme-challenge/x', '/.well-known/acme-challenge/x'],
  ['/...', '/...'],
  ['/a..', '/a..'],
  ['/..a', '/..a'],
  ['/a..b/c', '/a..b/c'],
  ['/archive.tar.gz', '/archive.tar.gz'],
  ["/~user/!$&'()*+,;=:@-_", "/~user/!$&'()*+,;=:@-_"],
  ['/a"b<c>d^e`f{g|h}', '/a"b<c>d^e`f{g|h}'],
  ['/a%20b', '/a b'],
  ['/a%3Fb', '/a?b'],
  ['/a%3fb?c', '/a?b'],
  ['/a%23b', '/a#b'],
  ['/%41%5A', '/AZ'],
  ['/b%C3%BCcher', '/bücher'],
  ['/%E2%82%AC', '/€'],
  ['/%F0%9F%98%80', '/😀'],
  ['/100%25', '/100%'],
  ['/100%25?x', '/100%'],
  ['/%25zz', '/%zz'],
  ['/%2520', '/%20'],
  ['/%252', '/%2'],
  ['/%25%32', '/%2'],
  ['/a?b?c', '/a'],
  ['/a?x=/../y', '/a'],
  ['/a?x=%2e%2E%2f%5c%00', '/a'],
  ['/a?x=%zz&y=%', '/a'],
  ['/a?x=\\', '/a'],
  ['/a?"<>[]{}|^`', '/a'],
  ['/a?..', '/a']
]

const refused: string[] = [
  '',
  '*',
  'a',
  '?',
  'http://a.example/',
  'https://a.example/',
  'a.example:443',
  '\\',
  ' /',
  '/#',
  '/a#b',
  '/a?b#c',
  '/a b',
  '/a\\b',
  '/a\0b',
  '/a\tb',
  '/a\r\nb',
  '/a\u001fb',
  '/a\u007fb',
  '/\u0080',
  '/b\u00fccher',
  '/\u00c3\u00bc',
  '/\u20ac',
  '/\ud800',
  '/a?\0',
  '/a?b c',
  '/a?\n',
  '/a?\u007f',
  '/a?\u00e9',
  '/a?\u20ac',
  '/..',
  '/../',
  '/../a',
  '/a/..',
  '/a/../b',
  '/a/..?x',
  '/../../../etc/passwd',
  '/..;/a',
  '/a/..;x=y/b',
  '/a/..%3B/b',
  '/%2e',
  '/%2E',
  '/%2e%2e/',
  '/.%2e/',
  '/%2e./',
  '/a%2fb',
  '/a%2Fb',
  '/a%5cb',
  '/a%5Cb',
  '/%252e',
  '/%252E%252e/',
  '/%252f',
  '/%255c',
  '/%25252e',
  '/%2525252f',
  '/%25%32%65',
  '/%25%32%45',
  '/%2%65',
  '/%25%2532%2565',
  '/%2525%32%65',
  `/%${'25'.repeat(3_000)}2e`,
  '/%00',
  '/%0a',
  '/%0D',
  '/%1f',
  '/%7f',
  '/%7F',
  '/%2500',
  '/%25250a',
  '/%257f',
  '/%',
  '/%2',
  '/a%',
  '/%zz',
  '/%2g',
  '/%u002e',
  '/% 20',
  '/%-1',
  '/%?41',
  '/%4?1',
  '/%80',
  '/%ff',
  '/%C3',
  '/%C3/%BC',
  '/%C0%AE',
  '/%C0%AF',
  '/%E0%80%AF',
  '/%ED%A0%80',
  '/%F4%90%80%80',
  '/%F8%88%80%80%80'
]

t.test('a path is decoded once and parted from its query string', async (t) => {
  for (const [target, path] of accepted) t.equal(checkPath(target), path, target)
})

t.test('a target that could be read in two ways is refused', async (t) => {
  for (const target of refused) {
    t.equal(checkPath(target), undefined, JSON.stringify(target.slice(0, 40)))
  }
})

t.test('an escape that hides is refused however deep it lies', async (t) => {
  for (const hidden of ['2e', '2E', '2f', '5c', '00', '0a', '7f']) {
    let target = `/a%${hidden}`
    for (let depth = 0; depth < 8; depth++) {
      t.equal(checkPath(target), undefined, target.slice(0, 60))
      target = `/${encodeURIComponent(target.slice(1))}`
    }
    const everyByte = Array.from(`%${hidden}`, (byte) => `%${byte.charCodeAt(0).toString(16)}`)
    t.equal(checkPath(`/${everyByte.join('')}`), undefined, everyByte.join(''))
  }
})
