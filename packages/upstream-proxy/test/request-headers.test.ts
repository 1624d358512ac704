import { test } from 'tap'
import { forwardedScheme } from '../src/headers/forwarded.ts'
import { isForbiddenTrailer } from '../src/headers/hop-by-hop.ts'
import { mapPath } from '../src/headers/prefixes.ts'
import { rewriteRequestHeaders } from '../src/headers/request-headers.ts'
import { loops } from '../src/headers/via.ts'
import { contextOf, requestOf, TRACEPARENT, valuesOf } from './header-fixtures.ts'

const PROXY = { peerIp: '10.0.0.1', clientIp: '198.51.100.2', isTrusted: true }
const OWN = [
  'Via',
  '1.1 reliw-3f9a2c',
  'X-Forwarded-For',
  '203.0.113.7',
  'X-Forwarded-Host',
  'www.example.com',
  'X-Forwarded-Proto',
  'https',
  'X-Forwarded-Port',
  '443',
  'X-Real-IP',
  '203.0.113.7',
  'X-Request-ID',
  'id-1',
  'traceparent',
  TRACEPARENT
]

function rewrite(rawHeaders: string[], changes = {}, context = contextOf()): string[] {
  return rewriteRequestHeaders(requestOf(rawHeaders, changes), context)
}

/** What is left of the client's headers. */
function kept(rawHeaders: string[], changes = {}): string[] {
  return rewrite(rawHeaders, changes).slice(0, -OWN.length)
}

test('end-to-end headers pass in their order, with their case and duplicates', async (t) => {
  const headers = ['aCCept', '*/*', 'X-Custom', '1', 'user-agent', 'curl', 'x-custom', '2']
  t.same(rewrite(headers), [...headers, ...OWN])
  t.same(rewrite([]), OWN)
})

test('headers of the connection and of the framing stay behind', async (t) => {
  const names =
    'Host Content-Length Keep-Alive Proxy-Connection Proxy-Authenticate Proxy-Authorization ' +
    'Transfer-Encoding Upgrade HTTP2-Settings Expect Connection TE Forwarded Proxy ' +
    'transfer-encoding CONTENT-LENGTH kEEP-aLIVE'
  for (const name of names.split(' ')) t.same(kept([name, 'x', 'Accept', '*/*']).length, 2, name)
  t.same(kept(['Trailer', 'Digest']), ['Trailer', 'Digest'])
})

test('pseudo-headers of HTTP/2 stay behind', async (t) => {
  const pseudo = [':method', 'GET', ':path', '/', ':scheme', 'https', ':authority', 'a.example']
  t.same(kept([...pseudo, 'accept', '*/*']), ['accept', '*/*'])
})

test('cookies that an HTTP/2 client sent in pieces become one header', async (t) => {
  const pieces = ['cookie', 'a=1', 'accept', '*/*', 'cookie', 'b=2', 'Cookie', 'c=3']
  t.same(kept(pieces), ['cookie', 'a=1; b=2; c=3', 'accept', '*/*'])
})

test('what Connection names stays behind, wherever it stands and however it is written', async (t) => {
  const named = ['X-Hop', '1', 'Connection', 'close,  x-HOP ,,"x"', 'x-hop', '2', 'X-End', '3']
  t.same(kept(named), ['X-End', '3'])
  t.same(kept(['A', '1', 'B', '2', 'connection', 'a', 'CONNECTION', 'b', 'C', '3']), ['C', '3'])
  t.same(kept(['Connection', 'keep-alive, Upgrade', 'Upgrade', 'h2c']), [])
})

test('Connection cannot remove what the proxy adds itself', async (t) => {
  const names =
    'host, via, x-forwarded-for, x-forwarded-host, x-forwarded-proto, x-real-ip, x-request-id, ' +
    'traceparent'
  t.same(rewrite(['Connection', names]), OWN)
  t.same(rewrite(['Connection', 'x-forwarded-for', 'X-Forwarded-For', '1.1.1.1']), OWN)
})

test('Connection cannot hide what a trusted proxy tells', async (t) => {
  const headers = ['Connection', 'x-forwarded-for', 'X-Forwarded-For', '198.51.100.2']
  t.same(valuesOf(rewrite(headers, PROXY), 'x-forwarded-for'), ['198.51.100.2, 10.0.0.1'])
})

test('a thousand Connection tokens are read like one', async (t) => {
  const tokens = Array.from({ length: 1_000 }, (_, i) => `x-${i}`)
  const headers = ['X-999', 'gone', 'X-1000', 'here', 'Connection', tokens.join(',')]
  t.same(kept(headers), ['X-1000', 'here'])
})

test('TE is kept for trailers only', async (t) => {
  for (const te of ['trailers', 'gzip;q=0.5, Trailers', ' TRAILERS ,deflate']) {
    t.same(kept(['TE', te]), ['te', 'trailers'], te)
  }
  t.same(kept(['TE', 'trailers', 'Connection', 'TE', 'te', 'trailers']), ['te', 'trailers'])
  for (const te of ['', 'gzip', 'trailers2', 'x-trailers', 'trailers;q=1']) {
    t.same(kept(['TE', te]), [], te)
  }
})

test('from a peer that is not trusted nothing of the forwarded family is believed', async (t) => {
  const family = [
    'Forwarded',
    'for=1.1.1.1;host=evil.example',
    'X-Forwarded-For',
    '1.1.1.1',
    'x-forwarded-host',
    'evil.example',
    'X-FORWARDED-PROTO',
    'http',
    'X-Forwarded-Port',
    '1',
    'X-Forwarded-Anything',
    'x',
    'X-Forwarded-',
    'x',
    'X-Forwarded',
    'for=1.1.1.1',
    'X-Real-IP',
    '1.1.1.1',
    'X-Request-ID',
    'theirs'
  ]
  t.same(rewrite(family), OWN)
})

test('spellings that origins read alike are dropped, whoever sends them', async (t) => {
  const names = [
    'X_Forwarded_For',
    'x-forwarded_for',
    'X_FORWARDED_ANYTHING',
    'x.forwarded.for',
    'X-Forwarded~Host',
    'X_Real_IP',
    'x_request_id',
    'Transfer_Encoding',
    'Content_Length',
    'Proxy_Authorization'
  ]
  for (const name of names) {
    t.same(kept([name, '1.1.1.1']), [], name)
    t.same(kept([name, '1.1.1.1'], PROXY), [], name)
  }
  t.same(kept(['x_custom', '1', 'user_agent', '2']), ['x_custom', '1', 'user_agent', '2'])
})

test('a trusted proxy’s forwarded headers are continued', async (t) => {
  const headers = [
    'X-Forwarded-For',
    '198.51.100.1',
    'X-Forwarded-Proto',
    'HTTP',
    'x-forwarded-for',
    '198.51.100.2',
    'X-Forwarded-Host',
    'shop.example:8443',
    'X-Forwarded-Port',
    '8443',
    'X-Real-IP',
    '1.1.1.1',
    'Forwarded',
    'for=1.1.1.1'
  ]
  const rewritten = rewrite(headers, PROXY)
  const forwardedFor = '198.51.100.1, 198.51.100.2, 10.0.0.1'
  t.same(valuesOf(rewritten, 'x-forwarded-for'), [forwardedFor])
  t.same(valuesOf(rewritten, 'x-forwarded-host'), ['shop.example:8443'])
  t.same(valuesOf(rewritten, 'x-forwarded-proto'), ['http'])
  t.same(valuesOf(rewritten, 'x-forwarded-port'), ['8443'])
  t.same(valuesOf(rewritten, 'x-real-ip'), ['198.51.100.2'])
  t.same(valuesOf(rewritten, 'forwarded'), [])
})

test('a client that a trusted proxy names in X-Real-IP alone begins the list', async (t) => {
  const rewritten = rewrite(['X-Real-IP', '198.51.100.2'], PROXY)
  t.same(valuesOf(rewritten, 'x-forwarded-for'), ['198.51.100.2, 10.0.0.1'])
  const own = rewrite([], { ...PROXY, clientIp: '10.0.0.1' })
  t.same(valuesOf(own, 'x-forwarded-for'), ['10.0.0.1'])
})

test('a trusted proxy’s host and scheme are replaced when they are not one sane value', async (t) => {
  for (const host of ['', 'a, b', 'a b', 'a/b', 'u@a', 'a:0', 'a:b', '-a', '"a"', '<a>', '1.2']) {
    const rewritten = rewrite(['X-Forwarded-Host', host], PROXY)
    t.same(valuesOf(rewritten, 'x-forwarded-host'), ['www.example.com'], host)
  }
  for (const proto of ['', 'ftp', 'wss', 'https,http', 'https, https', 'http:', '"https"']) {
    const rewritten = rewrite(['X-Forwarded-Proto', proto], { ...PROXY, isSecure: false })
    t.same(valuesOf(rewritten, 'x-forwarded-proto'), ['http'], proto)
  }
  const twice = ['X-Forwarded-Host', 'a.example', 'X-Forwarded-Host', 'a.example']
  t.same(valuesOf(rewrite(twice, PROXY), 'x-forwarded-host'), ['www.example.com'])
})

test('an address that is not known is said to be unknown', async (t) => {
  const rewritten = rewrite(['X-Forwarded-For', '1.1.1.1'], { peerIp: '', clientIp: '' })
  t.same(valuesOf(rewritten, 'x-forwarded-for'), ['unknown'])
  t.same(valuesOf(rewritten, 'x-real-ip'), ['unknown'])
})

test('the scheme that a proxy names is http, https or nothing', async (t) => {
  t.equal(forwardedScheme('https'), 'https')
  t.equal(forwardedScheme('Http'), 'http')
  for (const value of [undefined, '', 'wss', 'https,http'])
    t.equal(forwardedScheme(value), undefined)
})

test('a trusted proxy’s trace goes on, with its state', async (t) => {
  const parent = '00-11111111111111111111111111111111-2222222222222222-00'
  const headers = ['tracestate', 'a=1', 'Traceparent', parent, 'Tracestate', 'b=2']
  const rewritten = rewrite(headers, PROXY)
  t.same(valuesOf(rewritten, 'traceparent'), [parent])
  t.same(valuesOf(rewritten, 'tracestate'), ['a=1, b=2'])
  t.same(rewrite(headers), OWN, 'from a client: a new trace')
})

test('a trace that is not valid is replaced, and its state dropped', async (t) => {
  const parent = '00-11111111111111111111111111111111-2222222222222222-00'
  const wrong = [
    ['traceparent', 'x'],
    ['traceparent', parent, 'traceparent', parent],
    ['traceparent', parent, 'traceparent', ''],
    []
  ]
  for (const headers of wrong) {
    const rewritten = rewrite([...headers, 'tracestate', 'a=1'], PROXY)
    t.same(valuesOf(rewritten, 'traceparent'), [TRACEPARENT])
    t.same(valuesOf(rewritten, 'tracestate'), [])
  }
})

test('the trace that the server says goes before that of a trusted proxy', async (t) => {
  const traceparent = '00-33333333333333333333333333333333-4444444444444444-01'
  const foreign = '00-11111111111111111111111111111111-2222222222222222-00'
  for (const headers of [[], ['traceparent', foreign], ['traceparent', 'x']]) {
    for (const isTrusted of [true, false]) {
      const changes = { ...PROXY, isTrusted, traceparent }
      const rewritten = rewrite([...headers, 'tracestate', 'a=1'], changes)
      t.same(valuesOf(rewritten, 'traceparent'), [traceparent])
      t.same(valuesOf(rewritten, 'tracestate'), [], 'the state of another trace, or of none')
    }
  }
})

test('the state of a trace goes on with the trace that the server says', async (t) => {
  const parent = '00-33333333333333333333333333333333-2222222222222222-00'
  const traceparent = '00-33333333333333333333333333333333-4444444444444444-01'
  const headers = ['traceparent', parent, 'tracestate', 'a=1']
  const rewritten = rewrite(headers, { ...PROXY, traceparent })
  t.same(valuesOf(rewritten, 'traceparent'), [traceparent])
  t.same(valuesOf(rewritten, 'tracestate'), ['a=1'])
  const ofClient = rewrite(headers, { traceparent })
  t.same(valuesOf(ofClient, 'tracestate'), [], 'not from a client')
})

test('a trace of the server’s that is not valid is none', async (t) => {
  const parent = '00-11111111111111111111111111111111-2222222222222222-00'
  for (const traceparent of ['', 'x', `${parent}\r\nX-Evil: 1`]) {
    t.same(rewrite([], { traceparent }), OWN)
    const rewritten = rewrite(['traceparent', parent, 'tracestate', 'a=1'], {
      ...PROXY,
      traceparent
    })
    t.same(valuesOf(rewritten, 'traceparent'), [parent])
    t.same(valuesOf(rewritten, 'tracestate'), ['a=1'])
  }
})

test('Via is continued', async (t) => {
  const via = ['Via', '1.0 fred', 'via', '2 b.example (with, comment)']
  t.same(valuesOf(rewrite(via, { httpVersion: '2.0' }), 'via'), [
    '1.0 fred, 2 b.example (with, comment), 2.0 reliw-3f9a2c'
  ])
})

test('a request that was here before is known by Via', async (t) => {
  const own = 'reliw-3f9a2c'
  for (const via of [`1.1 ${own}`, `1.0 fred,1.1\t${own} (x)`, `1.1 x${own}, 1.1 ${own},1.1 b`]) {
    t.ok(loops(['Accept', '*/*', 'vIA', via], own), via)
  }
  t.ok(loops(['Via', '1.1 a', 'Via', `1.1 ${own}`], own))
  t.ok(loops(rewrite([]), own))
  for (const via of ['', '1.1 fred', `1.1 ${own}4`, `1.1 x${own}`, `1.1 ${own}.example`]) {
    t.notOk(loops(['Via', via], own), via)
  }
  t.notOk(loops(['X-Via', `1.1 ${own}`, 'Foo', own], own))
})

test('Origin and Referer of the public host become those of the target', async (t) => {
  const headers = ['Origin', 'https://www.example.com', 'Referer', 'http://www.example.com/a?b=c']
  const origin = 'http://app.internal:3000'
  t.same(kept(headers), ['Origin', origin, 'Referer', `${origin}/a?b=c`])
  t.same(kept(['Referer', 'https://www.example.com']), ['Referer', origin])
  const place = { publicHost: '[::1]:8080' }
  t.same(kept(['Origin', 'http://[::1]:8080'], place), ['Origin', origin])
})

test('Origin and Referer of others are left to the origin’s own checks', async (t) => {
  const others = [
    'null',
    '',
    'https://evil.example',
    'https://www.example.com.evil.example',
    'https://www.example.com:8443',
    'https://www.example.com@evil.example',
    'https://www.example.com\\@evil.example',
    'https://evil.example/https://www.example.com',
    '//www.example.com',
    'ftp://www.example.com',
    'https:www.example.com'
  ]
  for (const value of others) {
    t.same(kept(['Origin', value, 'Referer', value]), ['Origin', value, 'Referer', value])
  }
})

test('with the host preserved Origin and Referer are not touched', async (t) => {
  const headers = ['Origin', 'https://www.example.com', 'Referer', 'https://www.example.com/']
  t.same(rewrite(headers, {}, contextOf({ preserve_host: true })), [...headers, ...OWN])
})

test('no value with a line end gets out', async (t) => {
  for (const value of ['a\r\nX-Injected: 1', 'a\n b', 'a\rb', 'a\0b', '\n']) {
    const headers = ['X-A', value, 'X-B', 'b', 'Cookie', value, 'Via', value, 'Referer', value]
    t.same(rewrite(headers), ['X-B', 'b', ...OWN])
    const forwarded = [
      'X-Forwarded-For',
      value,
      'X-Forwarded-Port',
      value,
      'X-Forwarded-Host',
      value
    ]
    t.same(valuesOf(rewrite(forwarded, PROXY), 'x-forwarded-for'), ['198.51.100.2, 10.0.0.1'])
    t.notMatch(rewrite(forwarded, PROXY).join(''), /[\r\n\0]/)
  }
})

test('names that objects have by birth are names like others', async (t) => {
  const headers = ['__proto__', '1', 'constructor', '2', 'hasOwnProperty', '3']
  t.same(kept(headers), headers)
})

test('prefixes are put before a path and taken off by whole segments', async (t) => {
  const strip = { strip_prefix: '/api' }
  t.equal(mapPath('/x?y', {}), '/x?y')
  t.equal(mapPath('/x?y', { strip_prefix: '', add_prefix: '' }), '/x?y')
  t.equal(mapPath('/api', strip), '/')
  t.equal(mapPath('/api/', strip), '/')
  t.equal(mapPath('/api/x?y=/api', strip), '/x?y=/api')
  t.equal(mapPath('/api?x', strip), '/?x')
  t.equal(mapPath('/api/api/x', strip), '/api/x')
  t.equal(mapPath('/x?y', { add_prefix: '/v1' }), '/v1/x?y')
  t.equal(mapPath('/api', { ...strip, add_prefix: '/v1' }), '/v1/')
  t.equal(mapPath('/api/x', { ...strip, add_prefix: '/v1' }), '/v1/x')
})

test('a path without the prefix to strip is none of this upstream', async (t) => {
  for (const path of ['/', '/apix', '/API', '/%61pi', '/x/api', '/api%2Fx', '/?/api', '/ap', '']) {
    t.equal(mapPath(path, { strip_prefix: '/api' }), undefined, path)
  }
})

test('trailers cannot frame, route or vouch for a message after its body', async (t) => {
  const forbidden =
    'Content-Length transfer-encoding HOST Trailer TE Connection Authorization Cookie ' +
    'Set-Cookie Content-Type Content-Encoding Content-Range Cache-Control Location Expect ' +
    'Range If-Match Via Forwarded X-Forwarded-For x-forwarded-new X_Forwarded_For X-Real-IP ' +
    'x_real_ip X-Request-ID traceparent Origin Access-Control-Allow-Origin :path :status'
  for (const name of forbidden.split(' ')) t.ok(isForbiddenTrailer(name), name)
  const allowed = 'grpc-status Grpc-Message Server-Timing Digest ETag X-Checksum x_checksum'
  for (const name of allowed.split(' ')) t.notOk(isForbiddenTrailer(name), name)
})
