import {
  forwarded,
  get,
  HOST,
  refused,
  request,
  unwanted,
  type RequestCases
} from './request-case.ts'

const HIDDEN = get('/hidden')

/** Request lines (RFC 9112 3): versions, methods, and forms of the target. */
export const requestLines: RequestCases = {
  'HTTP/0.9': refused('GET /\r\n\r\n'),
  'HTTP/0.9 with headers': refused(request('GET / HTTP/0.9')),
  'HTTP/0.9 with a body': refused(request('POST / HTTP/0.9', ['Content-Length: 5'], 'hello')),
  'HTTP/1.2': refused(request('GET / HTTP/1.2')),
  'HTTP/1.10': refused(request('GET / HTTP/1.10')),
  'HTTP/01.1': refused(request('GET / HTTP/01.1')),
  'HTTP/1,1': refused(request('GET / HTTP/1,1')),
  'HTTP/2.0': refused(request('GET / HTTP/2.0')),
  'HTTP/2.0 with a length': refused(request('POST / HTTP/2.0', ['Content-Length: 5'], 'hello')),
  'HTTP/2.0 without a length': refused(request('POST / HTTP/2.0', [], HIDDEN)),
  'HTTP/3.0': refused(request('GET / HTTP/3.0')),
  'the beginning of HTTP/2': refused(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`),
  'a version in small letters': refused(request('GET / http/1.1')),
  'another protocol': refused(request('GET / SIP/2.0')),
  'a blank after the version': refused(request('GET / HTTP/1.1 ')),
  'a blank in the version': refused(request('GET / HTTP/ 1.1')),
  'a second version': refused(request('GET / HTTP/1.1 HTTP/1.1')),
  'a method in small letters': refused(request('get / HTTP/1.1'), 400, 501),
  'a method that nobody knows': refused(request('GETS / HTTP/1.1'), 400, 501),
  'a blank before the method': refused(request(' GET / HTTP/1.1')),
  'tabs between the parts': refused(request('GET\t/\tHTTP/1.1')),
  'no target': refused(request('GET HTTP/1.1')),
  'a blank in the target': refused(request('GET /a b HTTP/1.1')),
  'a NUL in the target': refused(request('GET /\0 HTTP/1.1')),
  'a line feed in the target': refused(request('GET /a\nX-A: b HTTP/1.1')),
  'a carriage return in the target': refused(request('GET /a\rX-A: b HTTP/1.1')),
  'a byte above ASCII in the target': refused(request('GET /\xe4 HTTP/1.1')),
  'a no-break space in the target': refused(request('GET /a\xa0HTTP/1.1 HTTP/1.1')),
  CONNECT: refused(request(`CONNECT ${HOST}:80 HTTP/1.1`, [], HIDDEN), 0),
  'CONNECT with a body': refused(
    request(`CONNECT ${HOST}:80 HTTP/1.1`, ['Content-Length: 5'], 'hello'),
    0
  ),
  TRACE: unwanted(request('TRACE / HTTP/1.1'), 405),
  'TRACE with a body': unwanted(request('TRACE / HTTP/1.1', ['Content-Length: 5'], 'hello'), 405),
  'a URL of another host': unwanted(get('http://other.test/')),
  'an authority for a target': unwanted(get(`${HOST}:80`)),
  'a target without a slash': unwanted(get('hidden')),
  'an asterisk': unwanted(request('OPTIONS * HTTP/1.1'), 400, 204),
  'an asterisk for GET': unwanted(get('*')),
  'a fragment': unwanted(get('/#a')),
  'a backslash': unwanted(get('/a\\b')),
  'an escaped line end in the path': unwanted(get('/a%0d%0aX-A:%20b')),
  'an escaped line end in the path, twice': unwanted(get('/a%250d%250aX-A:%20b')),
  'an escaped NUL': unwanted(get('/a%00b')),
  'an escaped slash': forwarded(get('/a%2fb'), { target: '/a%2fb' }),
  'a bad escape': unwanted(get('/%zz')),
  'a way up': unwanted(get('/a/../hidden')),
  'an escaped line end in the query': forwarded(get('/?a=%0d%0aX-A:%20b'), {
    target: '/?a=%0d%0aX-A:%20b',
    headers: { 'x-a': undefined }
  }),
  'a request line in the query': forwarded(get('/?GET+/hidden+HTTP/1.1'), {
    target: '/?GET+/hidden+HTTP/1.1'
  }),
  'two slashes': forwarded(get('//other.test/'), { target: '//other.test/' }),
  'two blanks between method and target': forwarded(request('GET  / HTTP/1.1'), {}),
  'RTSP/1.0, which node takes for HTTP': forwarded(request('GET / RTSP/1.0'), {}),
  'HTTP/1.0': forwarded(request('GET / HTTP/1.0'), {}),
  'HTTP/1.0 with a body': forwarded(request('POST / HTTP/1.0', ['Content-Length: 5'], 'hello'), {
    method: 'POST',
    body: 'hello',
    framing: 'length'
  })
}
