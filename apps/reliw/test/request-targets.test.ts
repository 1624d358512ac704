import { rawRequest, respond, startOrigin } from '@reliw/testing'
import { test } from 'tap'
import { startServer } from './start-server.ts'

const SITE = {
  'API:a.example': [['^/', 'page']],
  'API:a.example:page': { methods: { GET: true, QUERY: true }, index: 'index.html' },
  'FILES:a.example:/index.html': { content: 'the page' }
}

const get = (line: string, host: string, fields = ''): string =>
  `${line} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${fields}\r\n`

test('a target in absolute form is accepted if its host agrees with Host', async (t) => {
  const { port, line } = await startServer(t, SITE)
  for (const [target, host] of [
    ['http://a.example/', 'a.example'],
    ['http://a.example', 'a.example'],
    ['HTTP://A.Example/?x', 'a.example'],
    ['http://a.example?x', 'a.example:80'],
    ['http://a.example:80/', 'a.example'],
    ['https://a.example/', 'a.example:443'],
    ['http://a.example:8080/', 'a.example:8080']
  ] as const) {
    const response = await rawRequest(port, get(`GET ${target}`, host))
    t.match(response, /^HTTP\/1\.1 200 [^]*the page$/, `${target} of ${host}`)
  }
  t.match(await line({ path: '/?x' }), { vhost: 'a.example', status: 200 })
})

test('security: a target whose host is not that of Host is refused', async (t) => {
  const { port } = await startServer(t, SITE)
  for (const [target, host] of [
    ['http://a.example/', 'b.example'],
    ['http://b.example/', 'a.example'],
    ['http://a.example:81/', 'a.example'],
    ['https://a.example/', 'a.example:80'],
    ['http://user@a.example/', 'a.example'],
    ['http://a.example\\/', 'a.example'],
    ['http:///a.example/', 'a.example'],
    ['http:a.example/', 'a.example'],
    ['ws://a.example/', 'a.example'],
    ['http://a.example/%2e%2e/', 'a.example'],
    ['http://a.example/http://a.example/..', 'a.example']
  ] as const) {
    const response = await rawRequest(port, get(`GET ${target}`, host))
    t.match(response, /^HTTP\/1\.1 400 /, `${target} of ${host}`)
  }
})

test('origins get a target in origin form, and the host without an empty port', async (t) => {
  const origin = await startOrigin(t, respond('from the origin'))
  const { port } = await startServer(t, {
    'PROXY:a.example': { target: origin.url, preserve_host: true }
  })
  const response = await rawRequest(port, get('GET http://a.example/x?y=%20', 'a.example:'))
  t.match(response, /^HTTP\/1\.1 200 [^]*from the origin$/)
  t.match(origin.requests[0]?.head, /^GET \/x\?y=%20 HTTP\/1\.1\r\n/)
  t.match(origin.requests[0]?.head, /\r\nHost: a\.example\r\n/i)
})

test('OPTIONS * is answered for the server itself, whatever site the host has', async (t) => {
  const origin = await startOrigin(t, respond('never'))
  const { port, line } = await startServer(t, {
    ...SITE,
    'PROXY:b.example': { target: origin.url }
  })
  for (const host of ['a.example', 'b.example', 'c.example']) {
    const response = await rawRequest(port, get('OPTIONS *', host))
    t.match(response, /^HTTP\/1\.1 204 [^]*\r\nallow: GET, HEAD, /i, host)
    t.match(await rawRequest(port, get(`OPTIONS http://${host}`, host)), /^HTTP\/1\.1 204 /, host)
  }
  t.match(await rawRequest(port, get('OPTIONS *', 'a b')), /^HTTP\/1\.1 400 /)
  t.match(await rawRequest(port, get('GET *', 'a.example')), /^HTTP\/1\.1 400 /)
  t.match(await line({ path: '*', vhost: 'b.example' }), { method: 'OPTIONS', status: 204 })
  t.equal(origin.accepted, 0)
})

test('an empty port in Host is ignored', async (t) => {
  const { port } = await startServer(t, SITE)
  t.match(await rawRequest(port, get('GET /', 'a.example:')), /^HTTP\/1\.1 200 /)
  t.match(await rawRequest(port, get('GET /', 'a.example::')), /^HTTP\/1\.1 400 /)
})

test('a method with a hyphen can be named, and is forwarded', async (t) => {
  const origin = await startOrigin(t, respond('found'))
  const { port } = await startServer(t, {
    'API:a.example': [
      ['^/dav', 'dav'],
      ['^/', 'page']
    ],
    'API:a.example:dav': { methods: { 'M-SEARCH': true }, proxy: { target: origin.url } },
    'API:a.example:page': { methods: { GET: true } }
  })
  const response = await rawRequest(port, get('M-SEARCH /dav', 'a.example'))
  t.match(response, /^HTTP\/1\.1 200 [^]*found$/)
  t.match(origin.requests[0]?.head, /^M-SEARCH \/dav HTTP/)
  t.match(
    await rawRequest(port, get('GET /dav', 'a.example')),
    /^HTTP\/1\.1 405 [^]*allow: M-SEARCH/i
  )
  t.match(await rawRequest(port, get('VERSION-CONTROL /dav', 'a.example')), /^HTTP\/1\.1 501 /)
})

test('QUERY is a method like others', async (t) => {
  const { port } = await startServer(t, SITE)
  const query = get('QUERY /', 'a.example', 'Content-Type: text/plain\r\nContent-Length: 1\r\n')
  t.match(await rawRequest(port, `${query}x`), /^HTTP\/1\.1 200 [^]*the page$/)
  // RFC 10008 2: what it asks has to be said.
  t.match(await rawRequest(port, get('QUERY /', 'a.example')), /^HTTP\/1\.1 400 /)
})

test('an unknown method gets 501, bytes that are not a request get 400', async (t) => {
  const { port, line } = await startServer(t, SITE)
  for (const method of ['BREW', 'get', 'GETT', 'X-Y', 'G*T'])
    t.match(await rawRequest(port, get(`${method} /`, 'a.example')), /^HTTP\/1\.1 501 /, method)
  t.match(await line({ status: 501 }), { cause: 'HPE_INVALID_METHOD', msg: 'request refused' })
  for (const bytes of [
    '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
    'BR(EW / HTTP/1.1\r\n\r\n',
    'hello\r\n\r\n'
  ])
    t.match(await rawRequest(port, bytes), /^HTTP\/1\.1 400 /, JSON.stringify(bytes))
})

test('a transfer coding that does not end in chunked is refused, and the connection ends', async (t) => {
  const { port } = await startServer(t, SITE)
  for (const fields of [
    'Transfer-Encoding: gzip\r\n',
    'Transfer-Encoding: identity\r\n',
    'Transfer-Encoding: chunked, identity\r\n',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n',
    'Transfer-Encoding: xchunked\r\n',
    'Transfer-Encoding: "chunked"\r\n',
    'Transfer-Encoding:\r\n'
  ]) {
    const request = `GET / HTTP/1.1\r\nHost: a.example\r\n${fields}\r\n`
    const response = await rawRequest(
      port,
      `${request}GET /second HTTP/1.1\r\nHost: a.example\r\n\r\n`
    )
    t.match(response, /^HTTP\/1\.1 (400|501) /, fields)
    t.notMatch(response, /HTTP\/1\.1[^]*HTTP\/1\.1/, fields)
  }
  const old = 'GET / HTTP/1.0\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
  t.match(await rawRequest(port, old), /^HTTP\/1\.[01] (400|501) /)
})
