import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http2'
import { rawRequest, startOrigin, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { ask } from './answer.ts'
import { matchRest, openClient, startProxy } from './app.ts'
import { HOST, startHttp2Client } from './http2-client.ts'

const FIELDS = [
  'Link: </a,b.css>; rel="preload"; title="a, b; \\"c\\""; as=style, <//cdn.test/x>;rel=preconnect',
  'Link: <>',
  'Link: not a link at all',
  "Content-Security-Policy: default-src 'self'",
  'X-Any: 1',
  'X-Any: 2'
]
/** What is of the connection, or would frame a body. */
const OTHERS = [
  'Connection: X-Named',
  'X-Named: 1',
  'Keep-Alive: timeout=5',
  'Trailer: X-Sum',
  'Upgrade: h2c',
  'HTTP2-Settings: AAA'
]
const FINAL = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'
const interim = (status: number, lines: readonly string[]): string =>
  `HTTP/1.1 ${[status, ...lines].join('\r\n')}\r\n\r\n`

const ALL = [103, 102, 104, 199, 103]
/** An answer with both framings would be none. */
const BYTES = ALL.map((status, at) => {
  const framing = at % 2 === 0 ? 'Content-Length: 5' : 'Transfer-Encoding: chunked'
  return interim(status, [...FIELDS, ...OTHERS, framing])
}).join('')

test('interim responses pass whole, without what is of the connection', async (t) => {
  const origin = await startOrigin(t, (_request, socket) => {
    socket.write(interim(100, FIELDS) + BYTES + FINAL)
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const answer = await ask(proxy.port, { host: HOST })
  t.match(answer, { status: 200, body: 'hi', isWhole: true })
  const [lines, statuses] = [
    answer.informations.map((one) => one.split('\r\n').slice(1)),
    answer.informations.map((one) => Number(one.split(' ')[1]))
  ]
  t.same(statuses, ALL, 'all but the 100')
  for (const own of lines) t.same(own, FIELDS)
  const old = await rawRequest(proxy.port, `GET / HTTP/1.0\r\nHost: ${HOST}\r\n\r\n`)
  t.match(old, /^HTTP\/1\.1 200 /, 'HTTP/1.0 does not know them')
  await matchRest(t, proxy, origin)
})

test('interim responses pass whole to HTTP/2 clients', async (t) => {
  const origin = await startOrigin(t, (_request, socket) => void socket.write(BYTES + FINAL))
  const send = await startHttp2Client(t, origin.url)
  const stream = send({ ':path': '/' })
  const seen: IncomingHttpHeaders[] = []
  const links: string[][] = []
  stream.on('headers', (headers, _flags, raw: string[]) => {
    seen.push(headers)
    links.push(raw.filter((_, at) => raw[at - 1] === 'link'))
  })
  await once(stream, 'response')
  t.same(
    seen.map((one) => Number(one[':status'])),
    ALL
  )
  const sent = FIELDS.slice(0, 3).map((line) => line.slice('Link: '.length))
  for (const own of links) t.same(own, sent)
  for (const headers of seen) {
    t.match(headers, { 'x-any': '1, 2', 'content-security-policy': "default-src 'self'" })
    t.notHas(headers, { 'x-named': '1' })
    t.notHas(headers, { 'content-length': '5' })
  }
  t.same(await stream.setEncoding('utf8').toArray(), ['hi'])
})

test('an interim response comes when it was sent, not with the answer', async (t) => {
  const { promise: seen, resolve: see } = Promise.withResolvers<void>()
  const origin = await startOrigin(t, async (_request, socket) => {
    socket.write(interim(103, FIELDS))
    await seen
    socket.write(FINAL)
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const client = openClient(t, proxy)
  client.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`)
  t.match(await client.read('X-Any: 2\r\n\r\n'), /^HTTP\/1\.1 103 Early Hints\r\n/)
  see()
  t.match(await client.readToEnd(), /^HTTP\/1\.1 200 /)
})

test('interim responses that a client does not take are not kept for it', async (t) => {
  const large = interim(103, [`X-Large: ${'x'.repeat(60_000)}`])
  const origin = await startOrigin(t, async (_request, socket) => {
    socket.write(large.repeat(60), () => socket.write(FINAL))
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const client = openClient(t, proxy)
  client.socket.pause()
  client.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`)
  const request = await waitFor(() => proxy.requests[0], 'the request')
  const most: number[] = []
  await waitFor(() => {
    most.push(request.raw.socket.writableLength)
    return request.raw.socket.writableEnded || (origin.requests.length > 0 && most.length > 20)
  }, 'the interim responses')
  t.ok(Math.max(...most) < 200_000, 'not much waits')
  client.socket.resume()
  t.match(await client.readToEnd(), /HTTP\/1\.1 200 OK[^]*hi$/)
})
