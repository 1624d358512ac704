import {
  forwarded,
  get,
  post,
  posted,
  request,
  unwanted,
  type RequestCases
} from './request-case.ts'

const upgrade = (line: string, ...lines: string[]): string =>
  request(line, ['Connection: Upgrade', 'Upgrade: websocket', ...lines])

/** Headers of one connection only, and changes of protocol (RFC 9110 7.6.1, 7.8). */
export const connectionHeaders: RequestCases = {
  'a connection that names the length': forwarded(
    post('Connection: Content-Length\r\nContent-Length: 5', 'hello'),
    posted('hello', 'length')
  ),
  'a connection that names the coding': forwarded(
    post('Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'),
    posted('hello', 'chunked')
  ),
  'a connection that names the host': forwarded(get('/', 'Connection: Host, close'), {}),
  'a connection that names what we add': forwarded(
    get('/', 'Connection: X-Forwarded-Host, X-Real-IP, Via, X-Forwarded-For, X-Request-ID'),
    { headers: { 'x-forwarded-host': 'shop.test', 'x-real-ip': '127.0.0.1' } }
  ),
  'headers that the connection names': forwarded(
    get('/', 'X-A: b', 'Connection: close, x-a', 'X-B: c', 'connection: X-B,,', 'x-a: d'),
    { headers: { 'x-a': undefined, 'x-b': undefined } }
  ),
  'headers of a connection that it does not name': forwarded(
    get(
      '/',
      'Keep-Alive: timeout=5',
      'Proxy-Connection: keep-alive',
      'Proxy-Authorization: Basic YTpi',
      'TE: gzip',
      'Upgrade: websocket',
      'Proxy: http://other.test'
    ),
    { headers: { te: undefined, 'proxy-authorization': undefined, proxy: undefined } }
  ),
  'an upgrade to HTTP/2': forwarded(
    get('/', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'),
    { headers: { upgrade: undefined, 'http2-settings': undefined } }
  ),
  'an upgrade to HTTP/2, if not to something else': forwarded(
    get('/', 'Connection: Upgrade', 'Upgrade: websocket, h2c'),
    { headers: { upgrade: undefined } }
  ),
  'an upgrade with a body': forwarded(
    upgrade('GET / HTTP/1.1', `Content-Length: ${get('/hidden').length}`) + get('/hidden'),
    { body: get('/hidden'), framing: 'length', headers: { upgrade: undefined } }
  ),
  'an upgrade with chunks': forwarded(
    `${upgrade('GET / HTTP/1.1', 'Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`,
    { body: 'hello', framing: 'chunked', headers: { upgrade: undefined } }
  ),
  'an upgrade of a POST': forwarded(upgrade('POST / HTTP/1.1') + get('/2'), {
    method: 'POST',
    framing: 'length',
    headers: { upgrade: undefined }
  }),
  'an upgrade that the origin ignores, and a request after it': forwarded(
    upgrade('GET /1 HTTP/1.1') + get('/2'),
    { target: '/1', headers: { upgrade: 'websocket', connection: 'Upgrade' } }
  ),
  'an upgrade behind a request that waits': forwarded(
    get('/1') + upgrade('GET /2 HTTP/1.1') + get('/3'),
    { target: '/1' },
    { target: '/2', headers: { upgrade: undefined } }
  ),
  'a body that waits to be wanted': forwarded(
    post('Expect: 100-continue\r\nContent-Length: 5', 'hello'),
    posted('hello', 'length')
  ),
  'chunks that wait to be wanted': forwarded(
    post('Expect: 100-Continue\r\nTransfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'),
    posted('hello', 'chunked')
  ),
  'an expectation that nobody meets': unwanted(post('Expect: x\r\nContent-Length: 5', 'hello'), 417)
}
