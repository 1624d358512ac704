import t from 'tap'
import { normalizeHost } from '../src/index.ts'

const label63 = 'a'.repeat(63)
const name253 = `${label63}.${label63}.${label63}.${'a'.repeat(61)}`

const normalized: [header: string, host: string][] = [
  ['localhost', 'localhost'],
  ['example.com', 'example.com'],
  ['example.com:8080', 'example.com'],
  ['example.com:', 'example.com'],
  ['example.com:1', 'example.com'],
  ['example.com:65535', 'example.com'],
  ['example.com.', 'example.com'],
  ['example.com.:80', 'example.com'],
  ['WWW.Example.COM', 'www.example.com'],
  ['Example.com.:80', 'example.com'],
  ['_dmarc.example.com', '_dmarc.example.com'],
  ['a_b.example', 'a_b.example'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['a-b--c.example', 'a-b--c.example'],
  ['1.example', '1.example'],
  ['1a', '1a'],
  ['3com.com', '3com.com'],
  ['1.2.3.4.example', '1.2.3.4.example'],
  [`${label63}.example`, `${label63}.example`],
  [name253, name253],
  [`${name253}.:443`, name253],
  ['127.0.0.1', '127.0.0.1'],
  ['127.0.0.1:80', '127.0.0.1'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['[::1]', '::1'],
  ['[::1]:443', '::1'],
  ['[::1]:', '::1'],
  ['[0:0:0:0:0:0:0:1]', '::1'],
  ['[2001:DB8::A]', '2001:db8::a'],
  ['[2001:0db8:0000::0001:0000:0000:0000]', '2001:db8:0:0:1::'],
  ['[::]', '::'],
  ['[1:2:3:4:5:6:7::]', '1:2:3:4:5:6:7:0'],
  ['[::ffff:1.2.3.4]', '::ffff:102:304'],
  ['[::1.2.3.4]', '::102:304'],
  ['[64:ff9b::192.0.2.33]', '64:ff9b::c000:221']
]

const refused: string[] = [
  '',
  '.',
  '..',
  '.example.com',
  'example..com',
  'example.com..',
  '-',
  '-example.com',
  'example-.com',
  'example.com-',
  'www.-example.com',
  'a.example,b.example',
  'a.example, b.example',
  ' example.com',
  'example.com ',
  'exam ple.com',
  'example.com\t',
  'example.com\r\n',
  'example.com\0',
  '\u007f.example',
  'user@example.com',
  'user:pass@example.com',
  'http://example.com',
  'example.com/',
  'example.com?x',
  'example.com#x',
  'example.com\\',
  'ex%61mple.com',
  '*.example.com',
  "example.com'",
  'bücher.example',
  'example\u3002com',
  '\u212Aelvin.example',
  '\ud800',
  `${label63}a.example`,
  `a${name253}`,
  ':80',
  'example.com:0',
  'example.com:00000',
  'example.com:65536',
  'example.com:000080',
  'example.com:+80',
  'example.com:8a',
  'example.com:80:80',
  'example.com: 80',
  '1',
  '127.1',
  '2130706433',
  '256.0.0.1',
  '1.2.3',
  '1.2.3.4.5',
  '01.2.3.4',
  '127.0.0.01',
  '1.2.3.4.',
  'example.123',
  'example.123.',
  '::1',
  '[::1',
  '::1]',
  '[]',
  '[:]',
  '[:::]',
  '[::1]]',
  '[[::1]]',
  '[::1]x',
  '[::1]:0',
  '[::1]:65536',
  '[::1%eth0]',
  '[fe80::1%25eth0]',
  '[1.2.3.4]',
  '[example.com]',
  '[12345::]',
  '[1:2:3:4:5:6:7:8:9]',
  '[::ffff:1.2.3.256]',
  '[v1.fe80::a+en1]',
  `[${'0:'.repeat(1_000)}1]`,
  'a'.repeat(16_384),
  'a.'.repeat(8_192)
]

t.test('a Host header names one host, however it is written', async (t) => {
  for (const [header, host] of normalized) t.equal(normalizeHost(header), host, header)
})

t.test('whatever is not exactly a host and a port is refused', async (t) => {
  for (const header of refused) {
    t.equal(normalizeHost(header), undefined, JSON.stringify(header.slice(0, 40)))
  }
})

t.test('a normalized name is normalized', async (t) => {
  for (const [, host] of normalized) {
    const header = host.includes(':') ? `[${host}]` : host
    t.equal(normalizeHost(header), host, host)
  }
})

t.test('no single byte within a name changes which host it is', async (t) => {
  const allowed = /[\w-]/
  for (let code = 0; code < 256; code++) {
    const byte = String.fromCharCode(code)
    const host = normalizeHost(`a${byte}b.example`)
    if (byte === '.') t.equal(host, 'a.b.example')
    else if (allowed.test(byte)) t.equal(host, `a${byte.toLowerCase()}b.example`)
    else t.equal(host, undefined, `byte ${code}`)
  }
})

t.test('IPv6 is written as URL parsers write it', async (t) => {
  const groups = ['0', '0000', '1', '00ab', 'FFFF', 'c0a8']
  const different: string[] = []
  for (let seed = 0; seed < 4_000; seed++) {
    const parts = Array.from(
      { length: 8 },
      (_, i) => groups[(seed * (i + 7) * 31 + (seed >> i)) % 6]
    )
    if (seed % 3 === 0) parts.splice(seed % 7, 2 + (seed % 2), seed % 7 === 0 ? ':' : '')
    const text = parts.join(':').replace(':::', '::')
    const url = URL.parse(`http://[${text}]/`)
    const expected = url === null ? undefined : url.hostname.slice(1, -1)
    if (normalizeHost(`[${text}]`) !== expected) different.push(text)
  }
  t.same(different, [])
})
