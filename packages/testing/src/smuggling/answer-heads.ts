import { answered, chunkedOk, noAnswer, ok, type AnswerCases } from './answer-case.ts'

const EMPTY = '0\r\n\r\n'
const hello = (length: string): string => ok([`Content-Length: ${length}`], 'hello')
const coded = (value: string): string => ok([`Transfer-Encoding: ${value}`], EMPTY)
const lines = (...more: string[]): string => ok([...more, 'Content-Length: 5'], 'hello')

/** What says how an answer's body is framed (RFC 9112 6). */
export const answerFramings: AnswerCases = {
  'a length, then chunks': noAnswer(ok(['Content-Length: 5', 'Transfer-Encoding: chunked'], EMPTY)),
  'chunks, then a length': noAnswer(ok(['Transfer-Encoding: chunked', 'Content-Length: 5'], EMPTY)),
  'a length and an empty coding': noAnswer(ok(['Content-Length: 5', 'Transfer-Encoding:'], EMPTY)),
  'the same length twice': noAnswer(hello('5\r\nContent-Length: 5')),
  'two different lengths': noAnswer(hello('5\r\ncontent-length: 6')),
  'a list of equal lengths': noAnswer(hello('5, 5')),
  'two numbers': noAnswer(hello('5 5')),
  'a length with a plus': noAnswer(hello('+5')),
  'a negative length': noAnswer(hello('-5')),
  'a hexadecimal length': noAnswer(hello('0x5')),
  'a length with a fraction': noAnswer(hello('5.0')),
  'a length with an exponent': noAnswer(hello('5e0')),
  'a length in quotes': noAnswer(hello('"5"')),
  'a length and a no-break space': noAnswer(hello('5\xa0')),
  'no length where one is announced': noAnswer(hello('')),
  'a length of 17 digits': noAnswer(hello('10000000000000005')),
  'a length that overflows 64 bits': noAnswer(hello('18446744073709551621')),
  'a folded length': noAnswer(hello('\r\n 5')),
  'a blank before the colon of a length': noAnswer(ok(['Content-Length : 5'], 'hello')),
  identity: noAnswer(coded('identity')),
  xchunked: noAnswer(coded('xchunked')),
  'chunked twice': noAnswer(coded('chunked, chunked')),
  'chunked in two headers': noAnswer(coded('chunked\r\nTransfer-Encoding: chunked')),
  'identity, then chunked': noAnswer(coded('identity\r\nTransfer-Encoding: chunked')),
  'gzip, then chunked': noAnswer(coded('gzip, chunked')),
  'chunked, then gzip': noAnswer(coded('chunked, gzip')),
  'chunked with a parameter': noAnswer(coded('chunked;q=1')),
  'chunked in quotes': noAnswer(coded('"chunked"')),
  'a comma after chunked': noAnswer(coded('chunked,')),
  'a vertical tab before chunked': noAnswer(coded('\x0bchunked')),
  'a no-break space after chunked': noAnswer(coded('chunked\xa0')),
  'an empty coding': noAnswer(coded('')),
  'a folded coding': noAnswer(coded('\r\n chunked')),
  'a blank before the colon of a coding': noAnswer(ok(['Transfer-Encoding : chunked'], EMPTY)),
  'chunks in HTTP/1.0': noAnswer(chunkedOk(EMPTY).replace('1.1', '1.0')),
  'leading zeros': answered(hello('005'), { body: 'hello' }),
  'blanks around a length': answered(hello('\t 5 \t'), { body: 'hello' }),
  'chunks in capitals': answered(ok(['TRANSFER-ENCODING: CHUNKED'], EMPTY), {}),
  'blanks around chunked': answered(coded('\t chunked \t'), {}),
  'a connection that names the length': answered(hello('5\r\nConnection: Content-Length'), {
    body: 'hello'
  }),
  'a connection that names the coding': answered(
    coded('chunked\r\nConnection: Transfer-Encoding'),
    {}
  )
}

/** Lines, names and values of headers (RFC 9112 5). */
export const answerHeaderLines: AnswerCases = {
  'a folded header': noAnswer(lines('X-A: b', ' c')),
  'a header folded by a tab': noAnswer(lines('X-A: b', '\tc')),
  'a blank before the first header': noAnswer(lines(' X-A: b')),
  'a line feed in a value': noAnswer(lines('X-A: b\nX-B: c')),
  'a carriage return in a value': noAnswer(lines('X-A: b\rX-B: c')),
  'a NUL in a value': noAnswer(lines('X-A: b\0c')),
  'an escape in a value': noAnswer(lines('X-A: b\x1bc')),
  'a DEL in a value': noAnswer(lines('X-A: b\x7fc')),
  'a blank before a colon': noAnswer(lines('X-A : b')),
  'a tab before a colon': noAnswer(lines('X-A\t: b')),
  'a header without a name': noAnswer(lines(': b')),
  'a header without a colon': noAnswer(lines('X-A')),
  'a blank in a name': noAnswer(lines('X A: b')),
  'a name above ASCII': noAnswer(lines('X\xe4: b')),
  'a name in brackets': noAnswer(lines('(X-A): b')),
  'a head of 70 kB': noAnswer(lines(`X-A: ${'b'.repeat(70_000)}`)),
  'headers as they should be': answered(lines('X-A: \t b c\t ', 'x-a:d', 'X-B:', 'X-C: \xe4:'), {
    body: 'hello',
    headers: { 'x-a': 'b c, d', 'x-b': '', 'x-c': '\xe4:' }
  }),
  'headers of the connection': answered(
    lines('Connection: X-A', 'X-A: b', 'Keep-Alive: timeout=9, max=9', 'Upgrade: h2c', 'X-B: c'),
    { body: 'hello', headers: { 'x-a': undefined, upgrade: undefined, 'x-b': 'c' } }
  ),
  'a connection that is to end': answered(lines('Connection: Close, x'), {
    body: 'hello',
    isReused: false
  })
}
