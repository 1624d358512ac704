import { relayed, chunkedOk, noResponse, ok, type ResponseCases } from './response-case.ts'

const EMPTY = '0\r\n\r\n'
const hello = (length: string): string => ok([`Content-Length: ${length}`], 'hello')
const coded = (value: string): string => ok([`Transfer-Encoding: ${value}`], EMPTY)
const lines = (...more: string[]): string => ok([...more, 'Content-Length: 5'], 'hello')

/** What says how a response's body is framed (RFC 9112 6). */
export const responseFramings: ResponseCases = {
  'a length, then chunks': noResponse(
    ok(['Content-Length: 5', 'Transfer-Encoding: chunked'], EMPTY)
  ),
  'chunks, then a length': noResponse(
    ok(['Transfer-Encoding: chunked', 'Content-Length: 5'], EMPTY)
  ),
  'a length and an empty coding': noResponse(
    ok(['Content-Length: 5', 'Transfer-Encoding:'], EMPTY)
  ),
  'the same length twice': noResponse(hello('5\r\nContent-Length: 5')),
  'two different lengths': noResponse(hello('5\r\ncontent-length: 6')),
  'a list of equal lengths': noResponse(hello('5, 5')),
  'two numbers': noResponse(hello('5 5')),
  'a length with a plus': noResponse(hello('+5')),
  'a negative length': noResponse(hello('-5')),
  'a hexadecimal length': noResponse(hello('0x5')),
  'a length with a fraction': noResponse(hello('5.0')),
  'a length with an exponent': noResponse(hello('5e0')),
  'a length in quotes': noResponse(hello('"5"')),
  'a length and a no-break space': noResponse(hello('5\xa0')),
  'no length where one is announced': noResponse(hello('')),
  'a length of 17 digits': noResponse(hello('10000000000000005')),
  'a length that overflows 64 bits': noResponse(hello('18446744073709551621')),
  'a folded length': noResponse(hello('\r\n 5')),
  'a blank before the colon of a length': noResponse(ok(['Content-Length : 5'], 'hello')),
  identity: noResponse(coded('identity')),
  xchunked: noResponse(coded('xchunked')),
  'chunked twice': noResponse(coded('chunked, chunked')),
  'chunked in two headers': noResponse(coded('chunked\r\nTransfer-Encoding: chunked')),
  'identity, then chunked': noResponse(coded('identity\r\nTransfer-Encoding: chunked')),
  'gzip, then chunked': noResponse(coded('gzip, chunked')),
  'chunked, then gzip': noResponse(coded('chunked, gzip')),
  'chunked with a parameter': noResponse(coded('chunked;q=1')),
  'chunked in quotes': noResponse(coded('"chunked"')),
  'a comma after chunked': noResponse(coded('chunked,')),
  'a vertical tab before chunked': noResponse(coded('\x0bchunked')),
  'a no-break space after chunked': noResponse(coded('chunked\xa0')),
  'an empty coding': noResponse(coded('')),
  'a folded coding': noResponse(coded('\r\n chunked')),
  'a blank before the colon of a coding': noResponse(ok(['Transfer-Encoding : chunked'], EMPTY)),
  'chunks in HTTP/1.0': noResponse(chunkedOk(EMPTY).replace('1.1', '1.0')),
  'leading zeros': relayed(hello('005'), { body: 'hello' }),
  'blanks around a length': relayed(hello('\t 5 \t'), { body: 'hello' }),
  'chunks in capitals': relayed(ok(['TRANSFER-ENCODING: CHUNKED'], EMPTY), {}),
  'blanks around chunked': relayed(coded('\t chunked \t'), {}),
  'a connection that names the length': relayed(hello('5\r\nConnection: Content-Length'), {
    body: 'hello'
  }),
  'a connection that names the coding': relayed(
    coded('chunked\r\nConnection: Transfer-Encoding'),
    {}
  )
}

/** Lines, names and values of headers (RFC 9112 5). */
export const responseHeaderLines: ResponseCases = {
  'a folded header': noResponse(lines('X-A: b', ' c')),
  'a header folded by a tab': noResponse(lines('X-A: b', '\tc')),
  'a blank before the first header': noResponse(lines(' X-A: b')),
  'a line feed in a value': noResponse(lines('X-A: b\nX-B: c')),
  'a carriage return in a value': noResponse(lines('X-A: b\rX-B: c')),
  'a NUL in a value': noResponse(lines('X-A: b\0c')),
  'an escape in a value': noResponse(lines('X-A: b\x1bc')),
  'a DEL in a value': noResponse(lines('X-A: b\x7fc')),
  'a blank before a colon': noResponse(lines('X-A : b')),
  'a tab before a colon': noResponse(lines('X-A\t: b')),
  'a header without a name': noResponse(lines(': b')),
  'a header without a colon': noResponse(lines('X-A')),
  'a blank in a name': noResponse(lines('X A: b')),
  'a name above ASCII': noResponse(lines('X\xe4: b')),
  'a name in brackets': noResponse(lines('(X-A): b')),
  'a head of 70 kB': noResponse(lines(`X-A: ${'b'.repeat(70_000)}`)),
  'headers as they should be': relayed(lines('X-A: \t b c\t ', 'x-a:d', 'X-B:', 'X-C: \xe4:'), {
    body: 'hello',
    headers: { 'x-a': 'b c, d', 'x-b': '', 'x-c': '\xe4:' }
  }),
  'headers of the connection': relayed(
    lines('Connection: X-A', 'X-A: b', 'Keep-Alive: timeout=9, max=9', 'Upgrade: h2c', 'X-B: c'),
    { body: 'hello', headers: { 'x-a': undefined, upgrade: undefined, 'x-b': 'c' } }
  ),
  'a connection that is to end': relayed(lines('Connection: Close, x'), {
    body: 'hello',
    isReused: false
  })
}
