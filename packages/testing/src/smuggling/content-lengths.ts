import {
  forwarded,
  get,
  post,
  posted,
  refused,
  request,
  type RequestCases
} from './request-case.ts'

const HIDDEN = get('/hidden')
const hello = (length: string): string => post(`Content-Length: ${length}`, 'hello')

/** How long a body is said to be, by Content-Length alone (RFC 9112 6.2, 6.3). */
export const contentLengths: RequestCases = {
  'a length with a plus': refused(hello('+5')),
  'a negative length': refused(hello('-5')),
  'a list of equal lengths': refused(hello('5, 5')),
  'a list of different lengths': refused(hello('5, 0')),
  'two numbers': refused(hello('5 5')),
  'a hexadecimal length': refused(hello('0x5')),
  'a length with a fraction': refused(hello('5.0')),
  'a length with an exponent': refused(hello('5e0')),
  'a length with a parameter': refused(hello('5;a=b')),
  'a length in quotes': refused(hello('"5"')),
  'a length and a no-break space': refused(hello('5\xa0')),
  'a superscript length': refused(hello('\xb2')),
  'a vertical tab before a length': refused(hello('\x0b5')),
  'a form feed after a length': refused(hello('5\f')),
  'a length and a NUL': refused(hello('5\0')),
  'no length where one is announced': refused(post('Content-Length:', HIDDEN)),
  'nothing but blanks for a length': refused(post('Content-Length: \t ', HIDDEN)),
  'a length that overflows 64 bits': refused(hello('18446744073709551621')),
  'a length that no double holds': refused(hello('9007199254740993'), 413),
  'a length that overflows 32 bits': refused(hello('4294967301'), 413),
  'the same length twice': refused(hello('5\r\nContent-Length: 5')),
  'two different lengths': refused(hello('5\r\nContent-Length: 0')),
  'a length of 0 and another one': refused(hello('0\r\nContent-Length: 5')),
  'two lengths in different cases': refused(hello('5\r\ncontent-length: 6')),
  'a folded length': refused(hello('\r\n 5')),
  'a length with a folded line after it': refused(hello('5\r\n 6')),
  'a blank before the colon of a length': refused(post('Content-Length : 5', 'hello')),
  'leading zeros': forwarded(hello('005'), posted('hello', 'length')),
  'blanks around a length': forwarded(hello('\t 5 \t'), posted('hello', 'length')),
  'a length of zero and a request after it': forwarded(
    post('Content-Length: 0', get('/2')),
    { method: 'POST', framing: 'length' },
    { target: '/2' }
  ),
  'zeros for a length': forwarded(hello('000').slice(0, -5), posted('', 'length')),
  'no length at all and a request after it': forwarded(
    request('POST / HTTP/1.1', [], get('/2')),
    { method: 'POST', framing: 'length' },
    { target: '/2' }
  ),
  'a request in a body': forwarded(
    post(`Content-Length: ${HIDDEN.length}`, HIDDEN),
    posted(HIDDEN, 'length')
  ),
  ...Object.fromEntries(
    ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH'].map((method) => [
      `a request in the body of a ${method}`,
      forwarded(request(`${method} / HTTP/1.1`, [`Content-Length: ${HIDDEN.length}`], HIDDEN), {
        method,
        body: HIDDEN,
        framing: 'length'
      })
    ])
  ),
  ...Object.fromEntries(
    ['Content_Length', 'Content.Length', 'content_length', 'Content-Length_'].map((name) => [
      `${name}, which is no length here`,
      forwarded(
        get('/1', `${name}: ${HIDDEN.length}`) + get('/2'),
        { target: '/1' },
        { target: '/2' }
      )
    ])
  )
}
