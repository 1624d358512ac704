import { forwarded, get, HOST, refused, request, type RequestCases } from './request-case.ts'

const lines = (...more: string[]): string => get('/', ...more)

/** Line ends, folded lines, and what names and values are made of (RFC 9112 2.2, 5). */
export const headerLines: RequestCases = {
  'line feeds alone': refused(`GET / HTTP/1.1\nHost: ${HOST}\n\n`),
  'a line feed after the request line': refused(`GET / HTTP/1.1\nHost: ${HOST}\r\n\r\n`),
  'a line feed after a header': refused(`GET / HTTP/1.1\r\nHost: ${HOST}\nX-A: b\r\n\r\n`),
  'a line feed for the empty line': refused(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\n`),
  'two carriage returns': refused(`GET / HTTP/1.1\r\r\nHost: ${HOST}\r\n\r\n`),
  'carriage returns alone': refused(`GET / HTTP/1.1\rHost: ${HOST}\r\r\n\r\n`),
  'a line feed in a value': refused(lines('X-A: b\nX-B: c')),
  'a carriage return in a value': refused(lines('X-A: b\rX-B: c')),
  'a carriage return before the line end': refused(lines('X-A: b\r')),
  'a NUL in a value': refused(lines('X-A: b\0c')),
  'an escape in a value': refused(lines('X-A: b\x1bc')),
  'a DEL in a value': refused(lines('X-A: b\x7fc')),
  'a folded header': refused(lines('X-A: b', ' c')),
  'a header folded by a tab': refused(lines('X-A: b', '\tc')),
  'a folded empty line': refused(lines('X-A: b', ' ')),
  'a blank before the first header': refused(`GET / HTTP/1.1\r\n X-A: b\r\nHost: ${HOST}\r\n\r\n`),
  'a blank before a colon': refused(lines('X-A : b')),
  'a tab before a colon': refused(lines('X-A\t: b')),
  'a header without a name': refused(lines(': b')),
  'a header without a colon': refused(lines('X-A')),
  'a blank in a name': refused(lines('X A: b')),
  'a NUL in a name': refused(lines('X\0A: b')),
  'a vertical tab before a name': refused(lines('\x0bX-A: b')),
  'a name in brackets': refused(lines('(X-A): b')),
  'a name above ASCII': refused(lines('X\xe4: b')),
  'a no-break space after a name': refused(lines('X-A\xa0: b')),
  'a head of 40 kB': refused(lines(`X-A: ${'b'.repeat(40_000)}`), 431),
  'empty lines before a request': forwarded(`\r\n\r\n${get('/')}`, {}),
  'blanks around a value': forwarded(lines('X-A: \t b c\t '), { headers: { 'x-a': 'b c' } }),
  'a value above ASCII': forwarded(lines('X-A: \xe4\xff'), { headers: { 'x-a': '\xe4\xff' } }),
  'an empty value': forwarded(lines('X-A:', 'X-B: '), { headers: { 'x-a': '', 'x-b': '' } }),
  'a header twice': forwarded(lines('X-A: b', 'x-a: c'), { headers: { 'x-a': 'b, c' } }),
  'colons in a value': forwarded(lines('X-A:: b: c'), { headers: { 'x-a': ': b: c' } }),
  'every character of a name': forwarded(lines("X!#$%&'*+-.^_`|~9: b"), {
    headers: { "x!#$%&'*+-.^_`|~9": 'b' }
  }),
  'a request line as a name': forwarded(request('GET / HTTP/1.1', ['GET: /hidden HTTP/1.1']), {
    headers: { get: '/hidden HTTP/1.1' }
  })
}
