import { atMost, forwarded, get, request, type RequestCases } from './request-case.ts'

const HIDDEN = get('/hidden')
const CHUNKED = 'Transfer-Encoding: chunked'

/** Several requests in one piece (RFC 9112 9.3.2). */
export const pipelines: RequestCases = {
  'three requests': forwarded(
    get('/1') + get('/2') + get('/3'),
    { target: '/1' },
    { target: '/2' },
    { target: '/3' }
  ),
  'a request between bodies': forwarded(
    request('POST /1 HTTP/1.1', [`Content-Length: ${HIDDEN.length}`], HIDDEN) +
      request('HEAD /2 HTTP/1.1') +
      request('PUT /3 HTTP/1.1', [CHUNKED], '5\r\nhello\r\n0\r\n\r\n') +
      get('/4'),
    { method: 'POST', target: '/1', body: HIDDEN, framing: 'length' },
    { method: 'HEAD', target: '/2' },
    { method: 'PUT', target: '/3', body: 'hello', framing: 'chunked' },
    { target: '/4' }
  ),
  'an empty line after a body': forwarded(
    `${request('POST /1 HTTP/1.1', ['Content-Length: 5'], 'hello')}\r\n${get('/2')}`,
    { method: 'POST', target: '/1', body: 'hello', framing: 'length' },
    { target: '/2' }
  ),
  'a body that is one byte short': forwarded(
    request('POST /1 HTTP/1.1', ['Content-Length: 6'], 'hello') + get('/2').replace('GET', 'XGET'),
    { method: 'POST', target: '/1', body: 'helloX', framing: 'length' },
    { target: '/2' }
  ),
  'a body that is one byte longer than said': atMost(
    request('POST /1 HTTP/1.1', ['Content-Length: 4'], 'hello') + get('/2'),
    { method: 'POST', target: '/1', body: 'hell', framing: 'length' }
  ),
  'two lengths in the second request': atMost(
    get('/1') + get('/2', 'Content-Length: 0', 'Content-Length: 5'),
    { target: '/1' }
  ),
  'a length and chunks in the second request': atMost(
    get('/1') + get('/2', 'Content-Length: 5', CHUNKED) + HIDDEN,
    { target: '/1' }
  ),
  'what is no request after one that is': atMost(`${get('/1')}\0\x01\x02\r\n\r\n`, {
    target: '/1'
  }),
  'a request after the last one of its connection': atMost(
    get('/1', 'Connection: close') + HIDDEN,
    { target: '/1' }
  ),
  'a request after one of HTTP/1.0': atMost(request('GET /1 HTTP/1.0') + HIDDEN, { target: '/1' })
}
