import { test } from 'tap'
import { unmapPath } from '../src/headers/prefixes.ts'
import type { OriginContext } from '../src/headers/received-request.ts'
import { rewriteResponseHeaders } from '../src/headers/response-headers.ts'
import { contextOf, requestOf, valuesOf } from './header-fixtures.ts'

const PREFIXES = contextOf({ strip_prefix: '/api', add_prefix: '/v1' })

function rewrite(headers: string[], context = contextOf(), changes = {}): string[] {
  return rewriteResponseHeaders(headers, requestOf([], changes), context)
}

function location(value: string, context?: OriginContext, changes = {}): string | undefined {
  return rewrite(['Location', value], context, changes)[1]
}

function refresh(value: string): string | undefined {
  return rewrite(['Refresh', value], PREFIXES)[1]
}

function cookie(value: string, context?: OriginContext, changes = {}): string | undefined {
  return rewrite(['Set-Cookie', value], context, { isSecure: false, ...changes })[1]
}

function allowed(value: string, clientOrigin?: string, context?: OriginContext): string[] {
  const headers = ['Access-Control-Allow-Origin', value]
  return valuesOf(rewrite(headers, context, { clientOrigin }), 'access-control-allow-origin')
}

test('an answer’s headers pass in their order, with their case and duplicates', async (t) => {
  const headers = ['etag', '"a"', 'X-B', '1', 'Content-Length', '2', 'Vary', 'a', 'Vary', 'b']
  t.same(rewrite([...headers, 'Trailer', 'Digest']), [...headers, 'Trailer', 'Digest'])
  t.same(rewrite([]), [])
})

test('headers of the origin’s connection stay behind, and its request id', async (t) => {
  const names =
    'Connection Keep-Alive Proxy-Connection Proxy-Authenticate TE Transfer-Encoding Upgrade ' +
    'X-Request-ID x-request-id :status'
  for (const name of names.split(' ')) t.same(rewrite([name, 'x', 'A', '1']), ['A', '1'], name)
})

test('what the origin’s Connection names stays behind', async (t) => {
  const headers = ['X-Hop', '1', 'Connection', 'close, x-hop', 'B', '2', 'x-HOP', '3']
  t.same(rewrite(headers), ['B', '2'])
  const tokens = Array.from({ length: 1_000 }, (_, i) => `x-${i}`).join()
  t.same(rewrite(['X-999', '1', 'X-1000', '2', 'connection', tokens]), ['X-1000', '2'])
})

test('a Location at the origin becomes one at the public host', async (t) => {
  t.equal(location('http://app.internal:3000/a?b#c'), 'https://www.example.com/a?b#c')
  t.equal(location('HTTP://App.Internal:3000/a'), 'https://www.example.com/a')
  t.equal(location('https://app.internal:3000/a'), 'https://www.example.com/a')
  t.equal(location('http://app.internal:3000'), 'https://www.example.com/')
  t.equal(location('http://app.internal:3000?a'), 'https://www.example.com/?a')
  const plain = { isSecure: false, publicHost: 'localhost:8080' }
  t.equal(location('http://app.internal:3000/a', undefined, plain), 'http://localhost:8080/a')
  t.same(rewrite(['content-location', 'http://app.internal:3000/a']), [
    'content-location',
    'https://www.example.com/a'
  ])
})

test('a Location without a scheme that names the origin names the public host', async (t) => {
  t.equal(location('//app.internal:3000/a'), '//www.example.com/a')
  for (const other of [
    '//other.example/a',
    '//app.internal/a',
    '///a',
    '//',
    '//app.internal:3000\\a'
  ])
    t.equal(location(other), other)
})

test('the URL of a Refresh is rewritten, in quotes or without', async (t) => {
  const url = 'http://app.internal:3000/v1/a'
  const rewritten = 'https://www.example.com/api/a'
  t.equal(refresh(`5; url=${url}`), `5; url=${rewritten}`)
  t.equal(refresh(`0;URL='${url}'`), `0;URL='${rewritten}'`)
  t.equal(refresh(`1.5 , url = "${url}"`), `1.5 , url = "${rewritten}"`)
  t.equal(refresh(`3;${url}`), `3;${rewritten}`)
  t.equal(refresh('3; url=/v1/a'), '3; url=/api/a')
  for (const other of ['5', '', 'url=/v1/a', '5; url=https://other.example/v1/a', '5; url='])
    t.equal(refresh(other), other)
})

test('the targets of Link are rewritten, its parameters are not', async (t) => {
  const value =
    '<http://app.internal:3000/v1/a>; rel=next; title="<http://app.internal:3000/v1/x>", ' +
    '</v1/b.css>; rel=preload, <https://other.example/c>; rel="a, <b>", <d>'
  t.same(rewrite(['Link', value, 'link', '</v1/e>'], PREFIXES), [
    'Link',
    '<https://www.example.com/api/a>; rel=next; title="<http://app.internal:3000/v1/x>", ' +
      '</api/b.css>; rel=preload, <https://other.example/c>; rel="a, <b>", <d>',
    'link',
    '</api/e>'
  ])
})

test('a scheme’s own port may be written or not', async (t) => {
  const plain = contextOf({}, { authority: 'app.internal' })
  t.equal(location('http://app.internal/a', plain), 'https://www.example.com/a')
  t.equal(location('http://app.internal:80/a', plain), 'https://www.example.com/a')
  t.equal(location('https://app.internal:80/a', plain), 'https://www.example.com/a')
  t.equal(location('https://app.internal/a', plain), 'https://app.internal/a')
  const secure = contextOf({}, { scheme: 'https', authority: '[::1]' })
  t.equal(location('https://[::1]:443/a', secure), 'https://www.example.com/a')
  t.equal(location('https://[::1]/a', secure), 'https://www.example.com/a')
  t.equal(location('http://[::1]/a', secure), 'http://[::1]/a')
})

test('paths in a Location are mapped back through the prefixes', async (t) => {
  t.equal(location('http://app.internal:3000/v1/a', PREFIXES), 'https://www.example.com/api/a')
  t.equal(location('http://app.internal:3000/v1?a', PREFIXES), 'https://www.example.com/api/?a')
  t.equal(location('/v1/a?b=/v1', PREFIXES), '/api/a?b=/v1')
  t.equal(location('/v1', PREFIXES), '/api/')
  t.equal(location('/a', contextOf({ strip_prefix: '/api' })), '/api/a')
  t.equal(location('/v1/a', contextOf({ add_prefix: '/v1' })), '/a')
})

test('a Location that is relative, foreign or out of reach is left', async (t) => {
  const left = [
    '',
    'a',
    './a',
    '../a',
    '?a',
    '#a',
    '/v1x',
    '/elsewhere',
    'http://app.internal:3000/elsewhere',
    'http://app.internal/v1/a',
    'http://www.example.com/v1/a',
    'http://other.example/v1/a',
    'ftp://app.internal:3000/v1/a',
    'mailto:a@app.internal'
  ]
  for (const value of left) t.equal(location(value, PREFIXES), value, value)
})

test('a Location that browsers and servers read differently is left', async (t) => {
  const left = [
    'http://user@app.internal:3000/v1/a',
    'http://app.internal:3000@evil.example/v1/a',
    'http://app.internal:3000\\@evil.example/v1/a',
    'http://app.internal:3000\\v1/a',
    'http:\\\\app.internal:3000/v1/a',
    'http:/app.internal:3000/v1/a',
    'http:///app.internal:3000/v1/a',
    'http://app.internal:3000 /v1/a',
    'http://app.internal:3000/v1/\ta',
    'http://app.internal:/v1/a',
    'http://app.internal:3000:3000/v1/a',
    ' http://app.internal:3000/v1/a',
    '/v1/a\0b',
    '/v1/\t/a',
    '/\\app.internal/v1',
    '\\v1\\a',
    '/\t/evil.example',
    '//evil.example/v1'
  ]
  for (const value of left) t.equal(location(value, PREFIXES), value, JSON.stringify(value))
})

test('taking a prefix off never makes another host of a path', async (t) => {
  const context = contextOf({ add_prefix: '/v1' })
  t.equal(location('/v1//evil.example', context), 'https://www.example.com//evil.example')
  t.equal(location('/v1/\\evil.example', context), 'https://www.example.com/\\evil.example')
  const absolute = 'http://app.internal:3000/v1//evil.example'
  t.equal(location(absolute, context), 'https://www.example.com//evil.example')
})

test('with the host preserved a Location at the public host has its path mapped', async (t) => {
  const context = contextOf({ ...PREFIXES.upstream, preserve_host: true })
  t.equal(location('http://www.example.com/v1/a', context), 'http://www.example.com/api/a')
  t.equal(location('https://www.example.com/v1', context), 'https://www.example.com/api/')
  t.equal(location('https://www.example.com/a', context), 'https://www.example.com/a')
  t.equal(
    location('https://www.example.com.evil.example/v1/a', context),
    'https://www.example.com.evil.example/v1/a'
  )
})

test('a cookie’s Domain that is the target’s becomes the public host’s', async (t) => {
  t.equal(cookie('a=b; Domain=app.internal; HttpOnly'), 'a=b; Domain=www.example.com; HttpOnly')
  t.equal(cookie('a=b;domain = .APP.internal'), 'a=b; Domain=www.example.com')
  t.equal(
    cookie('a=b; Domain=app.internal', undefined, { publicHost: 'a.example:8080' }),
    'a=b; Domain=a.example'
  )
  const deep = contextOf({}, { host: 'app.eu.internal' })
  t.equal(cookie('a=b; Domain=.eu.internal', deep), 'a=b; Domain=www.example.com')
  const twice = 'a=b; Domain=other.example; Domain=app.internal'
  t.equal(cookie(twice), 'a=b; Domain=other.example; Domain=www.example.com')
})

test('a cookie loses its Domain where the public host cannot have one', async (t) => {
  for (const publicHost of ['127.0.0.1:8080', '[::1]:8080', 'localhost:8080', 'intranet']) {
    t.equal(cookie('a=b; Domain=app.internal; Path=/', undefined, { publicHost }), 'a=b; Path=/')
  }
})

test('a cookie’s Domain that is not the target’s is left, or holds already', async (t) => {
  for (const domain of ['other.example', '.internal', 'internal', '', '.', 'xapp.internal', '..']) {
    t.equal(cookie(`a=b; Domain=${domain}`), `a=b; Domain=${domain}`, domain)
  }
  const sibling = contextOf({}, { host: 'app.example.com' })
  t.equal(cookie('a=b; Domain=.example.com', sibling), 'a=b; Domain=.example.com')
})

test('a cookie’s Path is mapped back through the prefixes', async (t) => {
  const cases: [written: string, mapped: string][] = [
    ['/v1/a', '/api/a'],
    ['/v1', '/api'],
    ['/v1/', '/api'],
    ['/', '/api'],
    ['/v', '/v'],
    ['/elsewhere', '/elsewhere'],
    ['relative', 'relative'],
    ['', '']
  ]
  for (const [written, mapped] of cases) {
    t.equal(cookie(`a=b; Path=${written}`, PREFIXES), `a=b; Path=${mapped}`, written)
  }
  t.equal(cookie('a=b; Path=/v1/a', contextOf({ add_prefix: '/v1' })), 'a=b; Path=/a')
  t.equal(cookie('a=b; Path=/', contextOf({ add_prefix: '/v1' })), 'a=b; Path=/')
  t.equal(cookie('a=b;path=/a'), 'a=b;path=/a', 'without prefixes byte for byte')
})

test('a __Host- cookie keeps the Path that browsers demand of it', async (t) => {
  t.equal(cookie('__Host-a=b; Path=/; Secure', PREFIXES), '__Host-a=b; Path=/; Secure')
  t.equal(cookie(' __host-a=b; Path=/', PREFIXES), ' __host-a=b; Path=/')
})

test('a cookie that goes over TLS is Secure', async (t) => {
  const secure = { isSecure: true }
  t.equal(cookie('a=b', undefined, secure), 'a=b; Secure')
  t.equal(cookie('Secure', undefined, secure), 'Secure; Secure', 'its name does not count')
  t.equal(cookie('a=Secure; Path=/', undefined, secure), 'a=Secure; Path=/; Secure')
  for (const value of ['a=b; Secure', 'a=b;SECURE', 'a=b; secure=1; Path=/']) {
    t.equal(cookie(value, undefined, secure), value)
    t.equal(cookie(value), value)
  }
})

test('odd cookies pass as they are', async (t) => {
  const odd = [
    '',
    ';',
    ';;;',
    '=',
    'a',
    'a=b;',
    'a=b; ; =x; Domain; Path; Expires=Mon, 1 Jan',
    'a="b;c"'
  ]
  for (const value of [...odd, 'a=b; Path=/x; Max-Age=1; SameSite=Lax; Unknown=1; Partitioned']) {
    t.equal(cookie(value), value)
  }
})

test('every cookie is rewritten on its own', async (t) => {
  const headers = ['Set-Cookie', 'a=1', 'set-cookie', 'b=2; Secure']
  t.same(rewrite(headers), ['Set-Cookie', 'a=1; Secure', 'set-cookie', 'b=2; Secure'])
})

test('an allowed origin that is the target’s becomes the client’s own', async (t) => {
  t.same(allowed('http://app.internal:3000', 'https://www.example.com'), [
    'https://www.example.com'
  ])
  t.same(allowed('http://app.internal:3000', 'http://www.example.com'), ['http://www.example.com'])
  t.same(allowed('http://app.internal:3000'), ['https://www.example.com'])
})

test('an allowed origin that is the target’s never becomes a foreign client’s', async (t) => {
  for (const foreign of ['https://evil.example', 'null', 'https://www.example.com.evil.example']) {
    t.same(allowed('http://app.internal:3000', foreign), ['https://www.example.com'], foreign)
  }
})

test('any other allowed origin is left', async (t) => {
  const others = [
    '*',
    'null',
    '',
    'https://evil.example',
    'http://app.internal:3000/',
    'app.internal'
  ]
  for (const value of others) t.same(allowed(value, 'https://www.example.com'), [value])
})

test('a path of the origin is mapped back by whole segments', async (t) => {
  t.equal(unmapPath('/x#y', {}), '/x#y')
  t.equal(unmapPath('/v1/x', { add_prefix: '/v1' }), '/x')
  t.equal(unmapPath('/v1#x', { add_prefix: '/v1', strip_prefix: '/api' }), '/api/#x')
  t.equal(unmapPath('/v1x', { add_prefix: '/v1' }), undefined)
})
