import { test } from 'tap'
import { parseFields } from '../src/http1/parse-fields.ts'
import { parseResponseHead, type ResponseHead } from '../src/http1/response-head.ts'

function parse(...lines: string[]): ResponseHead | string {
  return parseResponseHead(lines.join('\r\n'))
}

function withHeaders(...lines: string[]): ResponseHead | string {
  return parse('HTTP/1.1 200 OK', ...lines)
}

test('a head is its status and its headers, in their order and case', async (t) => {
  t.strictSame(parse('HTTP/1.1 404 Not Found', 'X-A: b', 'x-a:c', 'Set-Cookie:  d=e; f\t ', 'Y:'), {
    status: 404,
    headers: ['X-A', 'b', 'x-a', 'c', 'Set-Cookie', 'd=e; f', 'Y', ''],
    framing: 'until close',
    length: 0,
    keepsAlive: true,
    keepAliveTimeout: undefined
  })
})

test('a status line may have any reason, or none', async (t) => {
  for (const reason of ['', ' ', ' OK', '  two blanks', ' \t', ' \xe4\xff', ' HTTP/1.1 500']) {
    t.match(parse(`HTTP/1.1 200${reason}`), { status: 200, headers: [] }, JSON.stringify(reason))
  }
  t.match(parse('HTTP/1.0 999 X'), { status: 999 })
  t.match(parse('HTTP/1.1 100 Continue'), { status: 100 })
})

test('anything else is no status line', async (t) => {
  for (const line of [
    '',
    'HTTP/1.1',
    'HTTP/1.1 ',
    'HTTP/1.1 20',
    'HTTP/1.1 2000',
    'HTTP/1.1 099',
    'HTTP/1.1 000 X',
    'HTTP/1.1  200',
    'HTTP/1.1\t200',
    'HTTP/1.1 200OK',
    'HTTP/1.1 200\tOK',
    'HTTP/1.1 -20',
    'HTTP/1.1 2e2',
    'HTTP/1.1 ２00',
    'HTTP/1.2 200',
    'HTTP/1.11 200',
    'HTTP/2.0 200',
    'http/1.1 200',
    ' HTTP/1.1 200',
    'HTTP/1.1 200 a\0',
    'HTTP/1.1 200 a\rb',
    'HTTP/1.1 200 a\nX: b',
    'HTTP/1.1 200 a\x7f'
  ]) {
    t.equal(parse(line, 'X-A: b'), 'not a status line', JSON.stringify(line))
  }
})

test('a length is digits, at most as many as a number counts exactly', async (t) => {
  for (const [text, length] of Object.entries({
    '0': 0,
    '5': 5,
    '0005': 5,
    '999999999999999': 999_999_999_999_999
  })) {
    t.match(withHeaders(`content-LENGTH: \t${text} `), { framing: 'length', length })
  }
  for (const text of [
    '',
    '+5',
    '-5',
    '5, 5',
    '5 5',
    '5;a',
    '0x5',
    '5.0',
    '5e0',
    '"5"',
    'five',
    '5\xa0',
    '\xb2',
    '1000000000000000',
    '18446744073709551621'
  ]) {
    t.equal(withHeaders(`Content-Length: ${text}`), 'not a Content-Length', JSON.stringify(text))
  }
})

test('chunked is the only coding, and stands alone', async (t) => {
  for (const text of ['chunked', 'Chunked', ' \tCHUNKED\t']) {
    t.match(withHeaders(`transfer-encoding:${text}`), { framing: 'chunked', length: 0 })
  }
  for (const text of [
    '',
    'identity',
    'xchunked',
    'chunked, chunked',
    'gzip, chunked',
    'chunked,'
  ]) {
    t.equal(withHeaders(`Transfer-Encoding: ${text}`), 'an unknown transfer coding', text)
  }
  const [coding, length] = ['Transfer-Encoding: chunked', 'Content-Length: 5']
  t.equal(withHeaders(coding, 'transfer-encoding: chunked'), 'several Transfer-Encoding headers')
  t.equal(withHeaders(length, 'content-length: 5'), 'several Content-Length headers')
  t.equal(withHeaders(length, coding), 'both Content-Length and Transfer-Encoding')
  t.equal(withHeaders(coding, length), 'both Content-Length and Transfer-Encoding')
  t.equal(parse('HTTP/1.0 200 OK', coding), 'Transfer-Encoding in HTTP/1.0')
})

test('names that only look alike frame nothing', async (t) => {
  for (const name of [
    'Content_Length',
    'Content-Lengths',
    'X-Content-Length',
    'Transfer_Encoding'
  ]) {
    t.match(withHeaders(`${name}: 5`), { framing: 'until close' }, name)
  }
})

test('a connection goes on by its version and its Connection headers', async (t) => {
  for (const [version, lines, keepsAlive] of [
    ['1.1', [], true],
    ['1.0', [], false],
    ['1.0', ['Connection: keep-alive'], true],
    ['1.0', ['Connection: x, Keep-Alive ,y'], true],
    ['1.0', ['Connection: keep-alive', 'Connection: close'], false],
    ['1.0', ['Connection: keep-alives'], false],
    ['1.0', ['Keep-Alive: timeout=5'], false],
    ['1.1', ['Connection: close'], false],
    ['1.1', ['connection: x,\tCLOSE'], false],
    ['1.1', ['Connection: x', 'Connection: close'], false],
    ['1.1', ['Connection: closed, not-close, clo se'], true],
    ['1.1', ['Connection:'], true]
  ] as const) {
    t.match(parse(`HTTP/${version} 200 OK`, ...lines), { keepsAlive }, `${version} ${lines.join()}`)
  }
})

test('a connection ends with a 204 that announces a body, which may well come', async (t) => {
  for (const [line, keepsAlive] of Object.entries({
    'Content-Length: 5': false,
    'Transfer-Encoding: chunked': false,
    'Content-Length: 0': true,
    'X-A: b': true
  })) {
    t.match(parse('HTTP/1.1 204 No Content', line), { status: 204, keepsAlive }, line)
    t.match(parse('HTTP/1.1 304 Not Modified', line), { status: 304, keepsAlive: true }, line)
  }
})

test('an origin may say how long it keeps a connection', async (t) => {
  for (const [value, keepAliveTimeout] of Object.entries({
    'timeout=5': 5000,
    'max=100, Timeout=15': 15_000,
    'timeout=0': 0,
    'xtimeout=5': undefined,
    'timeout=': undefined,
    'timeout=-5': undefined
  })) {
    t.match(withHeaders(`Keep-Alive: ${value}`), { keepAliveTimeout }, value)
  }
})

test('a header line that can be read in two ways is none', async (t) => {
  for (const [line, mistake] of Object.entries({
    '': 'a header line without a colon',
    'X-A': 'a header line without a colon',
    ' folded': 'a header line without a colon',
    ' folded: b': 'not a header name',
    '\tfolded: b': 'not a header name',
    ': b': 'not a header name',
    'X-A : b': 'not a header name',
    'X-A\t: b': 'not a header name',
    'X A: b': 'not a header name',
    'X\0A: b': 'not a header name',
    'X\xe4: b': 'not a header name',
    '\rX-A: b': 'not a header name',
    '\nX-A: b': 'not a header name',
    'X-A: b\rc': 'not a header value',
    'X-A: b\nX-B: c': 'not a header value',
    'X-A: b\r': 'not a header value',
    'X-A: \0': 'not a header value',
    'X-A: \x0b': 'not a header value',
    'X-A: \x7f': 'not a header value'
  })) {
    t.equal(withHeaders('X-B: c', line, 'X-C: d'), mistake, JSON.stringify(line))
  }
})

test('fields are read from anywhere in a text, with or without a last line end', async (t) => {
  t.strictSame(parseFields('skipped: X-A: b\r\nX-B:c', 9), ['X-A', 'b', 'X-B', 'c'])
  t.strictSame(parseFields('X-A: b\r\n', 0), ['X-A', 'b'])
  t.strictSame(parseFields('', 0), [])
  t.strictSame(parseFields('X-A: b', 8), [])
})
