import { once } from 'node:events'
import type { OutgoingHttpHeaders } from 'node:http2'
import { openHttp2, portOf, respond, startOrigin, waitFor } from '@reliw/testing'
import fastify from 'fastify'
import { test } from 'tap'
import { upstreamProxy } from '../src/index.ts'
import { startHttp2Client } from './http2-client.ts'

test('an HTTP/2 client gets an answer, whatever comes before and with it', async (t) => {
  const { url } = await startOrigin(t, (_request, socket) => {
    socket.write(
      'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early\r\nLink: </a>; rel=preload\r\n\r\n'
    )
    socket.write('HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n')
    socket.write('4\r\nbody\r\n0\r\nX-Sum: 4\r\n\r\n')
  })
  const send = await startHttp2Client(t, url)
  const stream = send({ ':path': '/' })
  const hints: OutgoingHttpHeaders[] = []
  stream.on('headers', (headers) => hints.push(headers))
  const [headers] = await once(stream, 'response')
  t.equal(headers[':status'], 200)
  t.match(
    hints.find((one) => one[':status'] === 103),
    { link: '</a>; rel=preload' }
  )
  t.same(await stream.setEncoding('utf8').toArray(), ['body'])
})

test('an HTTP/2 client sees that a response broke off', async (t) => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const { url } = await startOrigin(t, async (_request, socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\nbegun')
    await begun
    socket.resetAndDestroy()
  })
  const send = await startHttp2Client(t, url)
  const stream = send({ ':path': '/' })
  const ends = once(stream, 'close').catch((error: unknown) => error)
  const [data] = await once(stream, 'data')
  t.equal(String(data), 'begun')
  begin()
  await ends
  t.not(stream.rstCode, 0)
})

test('the body of an HTTP/2 client comes to the origin, and its leaving too', async (t) => {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>()
  const origin = await startOrigin(t, async ({ body }, socket) => {
    socket.once('close', leave)
    await body
  })
  const send = await startHttp2Client(t, origin.url)
  const stream = send({ ':path': '/', ':method': 'POST' })
  stream.on('error', () => undefined)
  stream.end('all of it')
  await once(stream, 'finish')
  const request = await waitFor(() => origin.requests[0], 'the request')
  t.equal(String(await request.body), 'all of it')
  stream.destroy()
  await left
})

test('an HTTP/2 client gets the upstream of the host that :authority names', async (t) => {
  const { url } = await startOrigin(t, respond('of the origin'))
  const app = fastify({ http2: true })
  t.teardown(() => app.close())
  await app.register(upstreamProxy, { upstreams: { 'shop.test': { target: url } } })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const ask = openHttp2(t, portOf(app.server))
  const place = { ':authority': 'Shop.Test:8443', ':path': '/' }
  t.match(await ask(place), { status: 200, text: 'of the origin' })
  t.match(await ask({ ...place, host: 'shop.test:8443' }), { status: 200 })
  t.match(await ask({ ...place, host: 'other.test' }), { status: 404 })
  t.match(await ask({ ...place, ':authority': 'other.test' }), { status: 404 })
})

test('an HTTP/2 client is asked for its body when that is read, and not where it is refused', async (t) => {
  const origin = await startOrigin(t, respond('done'))
  const send = await startHttp2Client(t, origin.url)
  const expecting = { ':path': '/', ':method': 'POST', expect: '100-continue' }
  const stream = send(expecting, { endStream: false })
  await once(stream, 'continue')
  stream.end('all of it')
  const [headers] = await once(stream, 'response')
  t.equal(headers[':status'], 200)
  stream.resume()
  const refused = send({ ...expecting, 'content-length': '99999999' }, { endStream: false })
  refused.on('continue', () => t.fail('asked for what is too large'))
  refused.on('error', () => undefined)
  const [refusal] = await once(refused, 'response')
  t.equal(refusal[':status'], 413)
  refused.destroy()
})
