import { chunked, cut, forwarded, get, posted, type RequestCases } from './request-case.ts'

const END = '0\r\n\r\n'
/** A chunk with a size line of its own, and a good end. */
const sized = (line: string, data = 'hello'): string => chunked(`${line}\r\n${data}\r\n${END}`)
const hello = posted('hello', 'chunked')

/** How chunks are framed (RFC 9112 7.1). */
export const chunks: RequestCases = {
  'a chunk size with 0x': cut(sized('0x5')),
  'a blank before a chunk size': cut(sized(' 5')),
  'a blank after a chunk size': cut(sized('5 ')),
  'a tab after a chunk size': cut(sized('5\t')),
  'a blank before a chunk extension': cut(sized('5 ;a=b')),
  'a plus before a chunk size': cut(sized('+5')),
  'a negative chunk size': cut(sized('-5')),
  'a list of chunk sizes': cut(sized('5,5')),
  'a chunk size in quotes': cut(sized('"5"')),
  'a chunk size with a fraction': cut(sized('5.0')),
  'a chunk size with an underscore': cut(sized('0_5')),
  'a chunk extension without a size': cut(sized(';a=b')),
  'no chunk size': cut(sized('')),
  'a chunk size of 17 digits': cut(sized('10000000000000005')),
  'a chunk size that is one more than 64 bits hold': cut(sized('10000000000000000')),
  'a line feed after a chunk size': cut(chunked(`5\nhello\r\n${END}`)),
  'a carriage return after a chunk size': cut(chunked(`5\rhello\r\n${END}`)),
  'a line feed in a chunk extension': cut(chunked(`5;a\nhello\r\n${END}`)),
  'a line feed in a longer chunk extension': cut(chunked(`5;a\nb=c\r\nhello\r\n${END}`)),
  'a carriage return in a chunk extension': cut(chunked(`5;a\rb\r\nhello\r\n${END}`)),
  'a NUL in a chunk extension': cut(sized('5;a\0b')),
  'a chunk extension of 20 kB': cut(sized(`5;${'x'.repeat(20_000)}`)),
  'a line feed after a chunk': cut(chunked(`5\r\nhello\n${END}`)),
  'a carriage return after a chunk': cut(chunked(`5\r\nhello\r${END}`)),
  'no line end after a chunk': cut(chunked(`5\r\nhello${END}`)),
  'a chunk longer than its size': cut(sized('5', 'hello!!')),
  'a chunk shorter than its size': cut(sized('9', 'hello')),
  'two bytes that are no line end': cut(chunked(`5\r\nhelloXX${END}`)),
  'a line feed at the end': cut(chunked('5\r\nhello\r\n0\r\n\n')),
  'line feeds at the end': cut(chunked('5\r\nhello\r\n0\n\n')),
  'a request instead of the last line end': cut(chunked(`5\r\nhello\r\n0\r\n${get('/hidden')}`)),
  'a chunk extension': forwarded(sized('5;a=b;c="d e"'), hello),
  'leading zeros': forwarded(sized('0000005'), hello),
  'a chunk size in capitals': forwarded(sized('A', 'helloworld'), posted('helloworld', 'chunked')),
  'several zeros for the last chunk': forwarded(chunked('5\r\nhello\r\n000\r\n\r\n'), hello),
  'an extension of the last chunk': forwarded(chunked('5\r\nhello\r\n0;a=b\r\n\r\n'), hello),
  'line ends and zeros as data': forwarded(
    sized('7', `\r\n${END}`),
    posted(`\r\n${END}`, 'chunked')
  )
}

const trailed = (...lines: string[]): string =>
  chunked(`5\r\nhello\r\n0\r\n${lines.join('\r\n')}\r\n\r\n`)

/** What comes after the last chunk (RFC 9112 7.1.2, RFC 9110 6.5.1). */
export const trailers: RequestCases = {
  'a length as a trailer': cut(trailed('Content-Length: 30')),
  'a coding as a trailer': cut(trailed('Transfer-Encoding: chunked')),
  'a blank before the colon of a trailer': cut(trailed('X-A : b')),
  'a folded trailer': cut(trailed('X-A: b', ' c')),
  'a trailer without a colon': cut(trailed('GET /hidden HTTP/1.1')),
  'a trailer without a name': cut(trailed(': b')),
  'a line feed in a trailer': cut(trailed('X-A: b\nX-B: c')),
  'a carriage return in a trailer': cut(trailed('X-A: b\rX-B: c')),
  'a NUL in a trailer': cut(trailed('X-A: b\0')),
  'trailers that are well': forwarded(trailed('X-A: b', 'x-b:  c\t'), {
    ...hello,
    trailers: [
      ['X-A', 'b'],
      ['x-b', 'c']
    ]
  }),
  'trailers about framing, routing or the client': forwarded(
    trailed(
      'X-A: b',
      'Host: other.test',
      'Connection: close',
      'Content_Length: 9',
      'transfer_encoding: chunked',
      'Authorization: x',
      'Cookie: a=b',
      'Content-Type: x',
      'X-Forwarded-For: 1.2.3.4',
      'X_Real_IP: 1.2.3.4',
      'Upgrade: h2c',
      'Expect: 100-continue'
    ),
    { ...hello, trailers: [['X-A', 'b']] }
  )
}
