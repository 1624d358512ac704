import {
  chunked,
  cut,
  forwarded,
  get,
  post,
  posted,
  refused,
  request,
  type RequestCases
} from './request-case.ts'

const EMPTY = '0\r\n\r\n'
const HIDDEN = `${EMPTY}${get('/hidden')}`
const coded = (value: string): string => post(`Transfer-Encoding: ${value}`, HIDDEN)
const both = (...lines: string[]): string => post(lines.join('\r\n'), HIDDEN)

/** Transfer-Encoding, alone and beside Content-Length (RFC 9112 6.1, 6.3). */
export const transferCodings: RequestCases = {
  'a length, then chunks': refused(both('Content-Length: 5', 'Transfer-Encoding: chunked')),
  'chunks, then a length': refused(both('Transfer-Encoding: chunked', 'Content-Length: 5')),
  'chunks and a length of 0': refused(both('Transfer-Encoding: chunked', 'Content-Length: 0')),
  'a length and a coding that is none': refused(
    both('Content-Length: 5', 'Transfer-Encoding: identity')
  ),
  'a length and an empty coding': refused(both('Content-Length: 5', 'Transfer-Encoding:')),
  'chunked in two headers': refused(
    both('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')
  ),
  'identity, then chunked': refused(
    both('Transfer-Encoding: identity', 'Transfer-Encoding: chunked')
  ),
  'chunked, then identity': refused(
    both('Transfer-Encoding: chunked', 'Transfer-Encoding: identity')
  ),
  'chunked, then an unknown coding': refused(
    both('Transfer-Encoding: chunked', 'Transfer-Encoding: x')
  ),
  'gzip, then chunked': refused(coded('gzip, chunked')),
  'chunked, then gzip': refused(coded('chunked, gzip')),
  'chunked twice': refused(coded('chunked, chunked')),
  'chunked after an empty element': refused(coded(', chunked')),
  'chunked before an empty element': refused(coded('chunked,')),
  'chunked with a parameter': refused(coded('chunked;q=1')),
  'chunked in quotes': refused(coded('"chunked"')),
  identity: refused(coded('identity')),
  xchunked: refused(coded('xchunked')),
  chunkedx: refused(coded('chunkedx')),
  'two words': refused(coded('x chunked')),
  'a colon before chunked': refused(coded(': chunked')),
  'a vertical tab before chunked': refused(coded('\x0bchunked')),
  'a no-break space after chunked': refused(coded('chunked\xa0')),
  'a long s for no letter': refused(coded('chun\xe7ed')),
  'a NUL after chunked': refused(coded('chunked\0')),
  'an empty coding': refused(coded('')),
  'a folded coding': refused(coded('\r\n chunked')),
  'a coding with a folded line after it': refused(coded('chunked\r\n , identity')),
  'blanks after chunked': cut(coded('chunked \t')),
  'chunks in HTTP/1.0': refused(request('POST / HTTP/1.0', ['Transfer-Encoding: chunked'], HIDDEN)),
  'chunks in HTTP/1.0 that is to go on': refused(
    request('POST / HTTP/1.0', ['Connection: keep-alive', 'Transfer-Encoding: chunked'], HIDDEN)
  ),
  'chunks in HTTP/2.0': refused(request('POST / HTTP/2.0', ['Transfer-Encoding: chunked'], HIDDEN)),
  'a blank before the colon': refused(post('Transfer-Encoding : chunked', HIDDEN)),
  'a tab before the colon': refused(post('Transfer-Encoding\t: chunked', HIDDEN)),
  'a blank before the name': refused(post('X: a\r\n Transfer-Encoding: chunked', HIDDEN)),
  'a line feed before the name': refused(post('X: a\nTransfer-Encoding: chunked', HIDDEN)),
  'a carriage return before the name': refused(post('X: a\rTransfer-Encoding: chunked', HIDDEN)),
  'a NUL before the name': refused(post('X: a\0Transfer-Encoding: chunked', HIDDEN)),
  'a blank in the name': refused(post('Transfer Encoding: chunked', HIDDEN)),
  'chunks in capitals': forwarded(post('TRANSFER-ENCODING: CHUNKED', EMPTY), posted('', 'chunked')),
  'chunks of a GET, and a request after them': forwarded(
    request('GET /1 HTTP/1.1', ['Transfer-Encoding: chunked'], `5\r\nhello\r\n${EMPTY}`) +
      get('/2'),
    { target: '/1', body: 'hello', framing: 'chunked' },
    { target: '/2' }
  ),
  'chunks of a HEAD': forwarded(
    request('HEAD / HTTP/1.1', ['Transfer-Encoding: chunked'], `5\r\nhello\r\n${EMPTY}`),
    { method: 'HEAD', body: 'hello', framing: 'chunked' }
  ),
  'chunks that hold a request': forwarded(
    chunked(`${get('/hidden').length.toString(16)}\r\n${get('/hidden')}\r\n${EMPTY}`),
    posted(get('/hidden'), 'chunked')
  ),
  'chunks in Content-Encoding': forwarded(
    post('Content-Encoding: chunked\r\nContent-Length: 5', EMPTY),
    { ...posted(EMPTY, 'length'), headers: { 'content-encoding': 'chunked' } }
  ),
  'chunks in TE': forwarded(
    post('TE: chunked, trailers;q=0.5, trailers\r\nContent-Length: 5', EMPTY),
    { ...posted(EMPTY, 'length'), headers: { te: 'trailers', connection: 'TE' } }
  ),
  ...Object.fromEntries(
    ['Transfer_Encoding', 'Transfer.Encoding', 'transfer_encoding'].map((name) => [
      `${name}, which is no coding here`,
      forwarded(post(`${name}: chunked\r\nContent-Length: 5`, EMPTY), posted(EMPTY, 'length'))
    ])
  )
}
