import { relayed, broken, chunkedOk, ENDED, ok, type ResponseCases } from './response-case.ts'

const END = '0\r\n\r\n'
/** A chunk with a size line of its own, and a good end. */
const sized = (line: string, data = 'hello'): string => chunkedOk(`${line}\r\n${data}\r\n${END}`)
const hello = { body: 'hello' }

/** How the chunks of a response are framed (RFC 9112 7.1). */
export const responseChunks: ResponseCases = {
  'a chunk size with 0x': broken(sized('0x5')),
  'a blank before a chunk size': broken(sized(' 5')),
  'two chunk sizes': broken(sized('5 5')),
  'a word after a chunk size': broken(sized('5 x')),
  'a plus before a chunk size': broken(sized('+5')),
  'a negative chunk size': broken(sized('-5')),
  'a chunk size with a fraction': broken(sized('5.0')),
  'a list of chunk sizes': broken(sized('5,5')),
  'no chunk size': broken(sized('')),
  'a chunk extension without a size': broken(sized(';a=b')),
  'a chunk size of 17 digits': broken(sized('10000000000000005')),
  'a chunk size of 17 digits, zeros before it': broken(sized('00000000000000005')),
  'a chunk size of 64 bits': broken(sized('ffffffffffffffff')),
  'a line feed after a chunk size': broken(chunkedOk(`5\nhello\r\n${END}`)),
  'a carriage return after a chunk size': broken(chunkedOk(`5\rhello\r\n${END}`)),
  'a line feed in a chunk extension': broken(chunkedOk(`5;a\nhello\r\n${END}`)),
  'a carriage return in a chunk extension': broken(sized('5;a\rb')),
  'a NUL in a chunk extension': broken(sized('5;a\0b')),
  'a chunk extension of 5 kB': broken(sized(`5;${'a'.repeat(5000)}`)),
  'a line feed after a chunk': broken(chunkedOk(`5\r\nhello\n${END}`), 'hello'),
  'no line end after a chunk': broken(chunkedOk(`5\r\nhello${END}`), 'hello'),
  'a chunk longer than its size': broken(sized('3', 'hello'), 'hel'),
  'a chunk shorter than its size': broken(sized('6', 'hello'), 'hello\r'),
  'line feeds at the end': broken(chunkedOk('5\r\nhello\r\n0\n\n'), 'hello'),
  'a line feed at the end': broken(chunkedOk('5\r\nhello\r\n0\r\n\n'), 'hello', ENDED),
  'a response instead of the last line end': broken(
    chunkedOk(`5\r\nhello\r\n0\r\n${ok([])}`),
    'hello'
  ),
  'an end within a chunk': broken(chunkedOk('5\r\nhel'), 'hel', ENDED),
  'an end between chunks': broken(chunkedOk('5\r\nhello\r\n'), 'hello', ENDED),
  'an end before the last line end': broken(chunkedOk('5\r\nhello\r\n0\r\n'), 'hello', ENDED),
  'a chunk extension': relayed(sized('5;a=b;c="d e"'), hello),
  'blanks before a chunk extension': relayed(sized('5 \t;a=b'), hello),
  'blanks after a chunk size': relayed(sized('5  \t'), hello),
  'leading zeros': relayed(sized('0000005'), hello),
  'a chunk size in capitals': relayed(sized('A', 'helloworld'), { body: 'helloworld' }),
  'several zeros for the last chunk': relayed(chunkedOk('5\r\nhello\r\n000;a\r\n\r\n'), hello),
  'line ends and zeros as data': relayed(sized('7', `\r\n${END}`), { body: `\r\n${END}` }),
  'a response as data': relayed(sized(ok([]).length.toString(16), ok([])), { body: ok([]) })
}

const trailed = (...lines: string[]): string =>
  chunkedOk(`5\r\nhello\r\n0\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`)

/** What comes after the last chunk of a response (RFC 9110 6.5.1). */
export const responseTrailers: ResponseCases = {
  'a blank before the colon of a trailer': broken(trailed('X-A : b'), 'hello'),
  'a folded trailer': broken(trailed('X-A: b', ' c'), 'hello'),
  'a trailer without a colon': broken(trailed('X-A'), 'hello'),
  'a trailer without a name': broken(trailed(': b'), 'hello'),
  'a line feed in a trailer': broken(trailed('X-A: b\nX-B: c'), 'hello'),
  'a NUL in a trailer': broken(trailed('X-A: b\0'), 'hello'),
  'trailers of 17 kB': broken(trailed(`X-A: ${'b'.repeat(17_000)}`), 'hello'),
  'trailers that are well': relayed(trailed('X-A:  b\t', 'X-B:'), {
    ...hello,
    trailers: 'X-A: b\r\nX-B: \r\n'
  }),
  'trailers about framing, routing or the responding server': relayed(
    trailed(
      'Content-Length: 9',
      'Transfer-Encoding: chunked',
      'content_length: 9',
      'Connection: close',
      'Set-Cookie: a=b',
      'Location: http://other.test',
      'Content-Type: text/html',
      'WWW-Authenticate: Basic',
      'Access-Control-Allow-Origin: *',
      'X-A: b'
    ),
    { ...hello, trailers: 'X-A: b\r\n' }
  )
}

/** Bodies that have a length, or none. */
export const responseLengths: ResponseCases = {
  'an end before the body': broken(ok(['Content-Length: 5']), '', ENDED),
  'an end within the body': broken(ok(['Content-Length: 5'], 'hell'), 'hell', ENDED),
  'no length but an end': relayed(ok([], 'hello'), { ...hello, isReused: false }, ENDED),
  'no length and no body': relayed(ok([]), { isReused: false }, ENDED),
  'a length of zero': relayed(ok(['Content-Length: 0']), {}),
  'a length that 32 bits do not hold': broken(
    ok(['Content-Length: 4294967301'], 'hello'),
    'hello',
    ENDED
  )
}
