import { seededRandom, TEST_LENGTH } from '@reliw/testing'
import { test } from 'tap'
import { ChunkedDecoder } from '../src/http1/chunked-decoder.ts'

interface Decoded {
  data: string
  /** Undefined until they came. */
  trailers: string | undefined
  isAtEnd: boolean
  /** How much was passed in all. */
  length: number
  mistake: string | undefined
}

const END = '0\r\n\r\n'
const VALID: Record<string, Pick<Decoded, 'data' | 'trailers'>> = {
  [END]: { data: '', trailers: '' },
  [`5\r\nhello\r\n${END}`]: { data: 'hello', trailers: '' },
  [`5\r\nhello\r\n3\r\n\r\n\0\r\n${END}`]: { data: 'hello\r\n\0', trailers: '' },
  [`5;a\r\nhello\r\n6;b="c\td"\r\n${END}!\r\n${END}`]: { data: `hello${END}!`, trailers: '' },
  [`5 \t\r\nhello\r\n0 ;a\r\n\r\n`]: { data: 'hello', trailers: '' },
  [`00A\r\n0123456789\r\n1a\r\n${'x'.repeat(26)}\r\n000\r\n\r\n`]: {
    data: `0123456789${'x'.repeat(26)}`,
    trailers: ''
  },
  '0\r\nX-A: b\r\n\r\n': { data: '', trailers: 'X-A: b\r\n' },
  '1\r\na\r\n0\r\nX-A: b\r\nX-C:\r\n\r\n': { data: 'a', trailers: 'X-A: b\r\nX-C:\r\n' }
}

const WRONG: Record<string, string> = {
  '\r\n': 'not a chunk size',
  ' 5': 'not a chunk size',
  ';a': 'not a chunk size',
  '-5': 'not a chunk size',
  '+5': 'not a chunk size',
  '0x5': 'not a chunk size',
  '5g': 'not a chunk size',
  '5.': 'not a chunk size',
  '5,': 'not a chunk size',
  '5\n': 'not a chunk size',
  '5\0': 'not a chunk size',
  '5 0': 'not a chunk size',
  '5 \t0': 'not a chunk size',
  '5 \n': 'not a chunk size',
  '12345678901234': 'too large a chunk',
  '00000000000000': 'too large a chunk',
  '5\rh': 'a chunk without CRLF',
  '5;a\n': 'not a chunk extension',
  '5;a\0': 'not a chunk extension',
  '5;a\rb': 'a chunk without CRLF',
  [`5;${'a'.repeat(4096)}`]: 'too long a chunk extension',
  [`5${' '.repeat(4098)}`]: 'too long a chunk extension',
  '1\r\nab': 'a chunk longer than its size',
  '1\r\na\n': 'a chunk longer than its size',
  '1\r\na\ra': 'a chunk without CRLF',
  [`0\r\n${'a'.repeat(16 * 1024 + 1)}`]: 'too long a trailer section'
}

/** Feeds a decoder; each piece is overwritten once it was read, since it is only lent. */
function decode(...pieces: string[]): Decoded {
  const decoded: Decoded = {
    data: '',
    trailers: undefined,
    isAtEnd: false,
    length: 0,
    mistake: undefined
  }
  const decoder = new ChunkedDecoder({
    onChunk: (chunk) => (decoded.data += chunk.toString('latin1')),
    onTrailers: (section) => (decoded.trailers = section)
  })
  for (const piece of pieces) {
    const input = Buffer.from(`.${piece}`, 'latin1')
    const end = decoder.decode(input, 1)
    input.fill(0x58)
    if (typeof end === 'string') return { ...decoded, mistake: end }
    decoded.length += end - 1
  }
  return { ...decoded, isAtEnd: decoder.isAtEnd }
}

test('a body comes out of its chunks, however they are cut', async (t) => {
  for (const [text, expected] of Object.entries(VALID)) {
    const whole = { ...expected, isAtEnd: true, length: text.length, mistake: undefined }
    t.strictSame(decode(text), whole, JSON.stringify(text))
    t.strictSame(decode(...bytesOf(text)), whole, 'byte by byte')
    for (let at = 0; at <= text.length; at++) {
      t.strictSame(decode(text.slice(0, at), text.slice(at)), whole, `cut at ${at}`)
    }
  }
})

test('what follows the end is not passed', async (t) => {
  for (const text of Object.keys(VALID)) {
    for (const rest of ['\r\n', 'HTTP/1.1 200 OK\r\n\r\n', '\0']) {
      t.match(decode(text + rest), { isAtEnd: true, length: text.length })
    }
  }
})

test('a body that is not all there is not at its end', async (t) => {
  for (const text of Object.keys(VALID)) {
    for (let at = 0; at < text.length; at++) {
      const part = decode(text.slice(0, at))
      t.match(part, { isAtEnd: false, trailers: undefined, length: at, mistake: undefined })
    }
  }
})

test('what frames chunks is read in one way only', async (t) => {
  for (const [text, mistake] of Object.entries(WRONG)) {
    t.match(decode(text + END), { mistake, isAtEnd: false }, JSON.stringify(text.slice(0, 20)))
    t.match(decode(...bytesOf(text + END)), { mistake, isAtEnd: false }, 'byte by byte')
  }
})

test('bounds hold for each line, not for all of them together', async (t) => {
  const line = `1;${'a'.repeat(4000)}\r\nx\r\n`
  t.match(decode(line.repeat(10) + END), { data: 'x'.repeat(10), isAtEnd: true })
  t.match(decode('1234567890123\r\nx'), { data: 'x', isAtEnd: false, mistake: undefined })
  const trailers = `X: ${'a'.repeat(16 * 1024 - 9)}\r\n`
  t.match(decode(`0\r\n${trailers}\r\n`), { trailers, isAtEnd: true })
})

test('whatever is decoded, a naive reading of the whole sees the same', async (t) => {
  const random = seededRandom(t)
  const valid = Object.keys(VALID)
  const texts = [...valid, ...Object.keys(WRONG).map((text) => text.slice(0, 60) + END)]
  let accepted = 0
  for (let n = 0; n < 20_000 * TEST_LENGTH; n++) {
    const text = random.mutate(random.pick(texts), texts)
    const decoded = decode(...random.cut(text, 5))
    if (!decoded.isAtEnd) continue
    accepted++
    const { data, trailers, length } = decoded
    const seen = decodeNaively(text)
    if (seen?.data === data && seen.trailers === trailers && seen.length === length) continue
    t.strictSame({ data, trailers, length }, seen, JSON.stringify(text))
  }
  t.ok(accepted > 500, 'a good part of what was tried is well')
})

function bytesOf(text: string): string[] {
  return text.split('')
}

function decodeNaively(text: string): Pick<Decoded, 'data' | 'trailers' | 'length'> | undefined {
  let data = ''
  for (let at = 0; ;) {
    const [line, digits = ''] = /^([0-9A-Fa-f]+)[ \t]*(?:;[^\r\n]*)?\r\n/.exec(text.slice(at)) ?? []
    if (line === undefined) return undefined
    at += line.length
    const size = Number(`0x${digits}`)
    if (size === 0) {
      const end = text.startsWith('\r\n', at) ? at : text.indexOf('\r\n\r\n', at) + 2
      return end < at ? undefined : { data, trailers: text.slice(at, end), length: end + 2 }
    }
    data += text.slice(at, at + size)
    at += size
    if (text.slice(at, at + 2) !== '\r\n') return undefined
    at += 2
  }
}
