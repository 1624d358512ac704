import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { constants, type ServerHttp2Stream } from 'node:http2'
import { waitFor } from '@reliw/testing'
import { test } from 'tap'
import { DATA, END_STREAM, frame, headers } from './http2/frames.ts'
import { startOrigin, startRawOrigin } from './http2/origin.ts'
import { Recorder } from './http2/recorder.ts'
import { request, TestBody } from './http2/requests.ts'

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = constants
const MEGABYTE = randomBytes(1024 * 1024)

test('a request arrives with its own fields, and without those of a connection', async (t) => {
  let seen: readonly string[] = []
  const { session } = await startOrigin(t, (stream, _headers, raw) => {
    seen = raw
    stream.respond({ ':status': 200 })
    stream.end()
  })
  const answer = new Recorder()
  const ofItsOwn = 'Accept text/html X-Twice 1 x-twice 2 Cookie a=1 cookie b=2 Range a Range b'
  const others = 'Connection x HTTP2-Settings AAA Upgrade h2c Keep-Alive 5 TE gzip :path /evil'
  const headers = `${ofItsOwn} ${others} Te deflate,Trailers`.split(' ')
  session.send(request({ path: '/a?b=c', authority: 'a.test:8443', headers }), answer)
  await answer.over
  const pseudo = ':method GET :scheme https :authority a.test:8443 :path /a?b=c'
  t.same(seen, `${pseudo} ${ofItsOwn.toLowerCase()} te trailers`.split(' '))
  t.equal(answer.failure, undefined)
  t.equal(answer.status, 200)
})

test('an answer is told with its headers as they were sent, each cookie for itself', async (t) => {
  const { session } = await startOrigin(t, (stream) => {
    stream.respond([':status', '418', 'x-a', '1', 'set-cookie', 'a', 'set-cookie', 'b', 'x-a', '2'])
    stream.end('tea')
  })
  const answer = new Recorder()
  session.send(request(), answer)
  await answer.over
  t.equal(answer.status, 418)
  const { headers } = answer
  t.same(headers.slice(0, 8), ['x-a', '1', 'set-cookie', 'a', 'set-cookie', 'b', 'x-a', '2'])
  t.equal(answer.body.toString(), 'tea')
  t.same(answer.trailers, [])
  t.equal(answer.endings, 1)
})

test('a body of known length arrives under its length', async (t) => {
  const { session } = await startOrigin(t, async (stream, headers) => {
    stream.respond({ 'x-length': headers['content-length'] })
    stream.end(Buffer.concat(await stream.toArray()))
  })
  const body = new TestBody(10)
  const answer = new Recorder()
  session.send(request({ body }), answer)
  body.send('hello')
  body.send('world')
  body.end()
  await answer.over
  t.same(answer.headers.slice(0, 2), ['x-length', '10'])
  t.equal(answer.body.toString(), 'helloworld')
})

test('a method that wants a body has a length of 0 without one', async (t) => {
  const lengths: unknown[] = []
  const { session } = await startOrigin(t, (stream, headers) => {
    lengths.push(headers['content-length'])
    stream.respond()
    stream.end()
  })
  for (const method of ['POST', 'GET', 'DELETE']) {
    const answer = new Recorder()
    session.send(request({ method }), answer)
    await answer.over
  }
  t.same(lengths, ['0', undefined, undefined])
})

test('trailers go both ways', async (t) => {
  let trailers: unknown
  const { session } = await startOrigin(t, (stream, headers) => {
    stream.on('trailers', (_fields, _flags, raw) => (trailers = raw))
    stream.respond({ 'x-length': String(headers['content-length']) }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '1', 'x-set': ['a', 'b'] }))
    stream.pipe(stream)
  })
  const body = new TestBody()
  const answer = new Recorder()
  session.send(request({ body }), answer)
  body.send('hello')
  body.end(['X-Sum', '5', 'x-more', 'a', 'Host', 'evil', 'X-More', 'b', '__proto__', 'c'])
  await answer.over
  t.same(answer.headers.slice(0, 2), ['x-length', 'undefined'])
  t.same(trailers, ['x-sum', '5', 'x-more', 'a', 'x-more', 'b', '__proto__', 'c'])
  t.same(answer.trailers, ['x-sum', '1', 'x-set', 'a', 'x-set', 'b'])
  t.equal(answer.body.toString(), 'hello')
})

test('a body of unknown length needs no trailers', async (t) => {
  const { session } = await startOrigin(t, (stream) => {
    stream.respond()
    stream.pipe(stream)
  })
  const body = new TestBody()
  const answer = new Recorder()
  session.send(request({ body }), answer)
  body.end()
  await answer.over
  t.equal(answer.failure, undefined)
  t.equal(answer.body.length, 0)
})

test('answers to HEAD, and 204 and 304, have no body', async (t) => {
  const { session } = await startOrigin(t, (stream, headers) => {
    const status = Number(headers[':path']?.slice(1))
    const fields = status === 204 ? {} : { 'content-length': '7' }
    stream.respond({ ':status': status, ...fields }, { endStream: true })
  })
  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304]
  ] as const) {
    const answer = new Recorder()
    session.send(request({ method, path: `/${status}` }), answer)
    await answer.over
    t.equal(answer.failure, undefined)
    t.equal(answer.status, status)
    t.equal(answer.headers.includes('content-length'), status !== 204)
    t.equal(answer.chunks.length, 0)
  }
})

test('early hints come before the answer', async (t) => {
  const { session } = await startOrigin(t, (stream) => {
    stream.additionalHeaders({ ':status': 103, link: ['</a>', '</b>'] })
    stream.respond()
    stream.end('x')
  })
  const answer = new Recorder()
  session.send(request(), answer)
  await answer.over
  t.same(answer.informations, [[103, ['link', '</a>', 'link', '</b>']]])
  t.equal(answer.status, 200)
})

test('a megabyte goes both ways at the pace of a slow reader', async (t) => {
  const { session } = await startOrigin(t, (stream) => {
    stream.respond()
    stream.pipe(stream)
  })
  const body = new TestBody(MEGABYTE.length)
  const answer = new Recorder()
  const exchange = session.send(request({ body }), answer)
  let isTaking = true
  answer.accept = () => {
    if (!isTaking) t.fail('nothing comes before resume()')
    isTaking = false
    setImmediate(() => {
      isTaking = true
      exchange.resume()
    })
    return false
  }
  await body.sendAll(MEGABYTE, 50_000)
  await answer.over
  t.ok(body.hasPaused)
  t.ok(answer.body.equals(MEGABYTE))
  t.equal(answer.endings, 1)
})

test('a stream that nobody reads is bounded, and stops no other', async (t) => {
  let writer: ServerHttp2Stream | undefined
  const { session } = await startOrigin(t, (stream) => {
    writer ??= stream
    stream.respond()
    for (let sent = 0; sent < 8; sent++) stream.write(MEGABYTE)
    stream.end()
  })
  const stuck = new Recorder()
  stuck.accept = () => false
  const exchange = session.send(request(), stuck)
  await stuck.head
  await waitFor(() => session.available > 0, 'the settings of the origin')
  const other = new Recorder()
  session.send(request(), other)
  await other.over
  t.equal(other.body.length, 8 * MEGABYTE.length)
  t.equal(stuck.chunks.length, 1)
  const unsent = writer?.writableLength ?? 0
  t.ok(unsent > 6 * MEGABYTE.length, 'most of it is still at the origin')
  stuck.accept = () => true
  exchange.resume()
  await stuck.over
  t.equal(stuck.body.length, 8 * MEGABYTE.length)
})

test('an answer before the body is sent, and the stream’s end with it, is an answer', async (t) => {
  const { session } = await startOrigin(t, (stream) => {
    stream.respond({ ':status': 413 })
    stream.end('too much')
    stream.on('finish', () => stream.close(NGHTTP2_NO_ERROR))
  })
  const body = new TestBody(MEGABYTE.length)
  const answer = new Recorder()
  session.send(request({ body }), answer)
  body.send('begin')
  await answer.over
  t.equal(answer.failure, undefined)
  t.equal(answer.status, 413)
  t.equal(answer.body.toString(), 'too much')
  t.equal(session.active, 0)
  t.ok(body.send(MEGABYTE), 'what is left of the body goes nowhere')
  body.end()
})

test('an origin that has answered and reads on is told that no more will come', async (t) => {
  const aborted = Promise.withResolvers<number>()
  const { session } = await startOrigin(t, (stream) => {
    stream.respond({ ':status': 202 })
    stream.end('thanks')
    stream.on('close', () => aborted.resolve(stream.rstCode))
    stream.resume()
  })
  const body = new TestBody()
  const answer = new Recorder()
  session.send(request({ body }), answer)
  body.send('begin')
  await answer.over
  t.equal(answer.body.toString(), 'thanks')
  t.equal(session.active, 0)
  t.equal(await aborted.promise, NGHTTP2_CANCEL)
  t.ok(body.send('more'))
  body.end()
  t.equal(answer.endings, 1)
})

test('an origin answers piece by piece while it reads', async (t) => {
  const { session } = await startOrigin(t, (stream) => {
    stream.respond()
    stream.pipe(stream)
  })
  const body = new TestBody()
  const answer = new Recorder()
  session.send(request({ body }), answer)
  body.send('one')
  await waitFor(() => answer.body.toString() === 'one', 'the first piece')
  body.send('two')
  await waitFor(() => answer.body.toString() === 'onetwo', 'the second piece')
  body.end()
  await answer.over
  t.equal(answer.failure, undefined)
})

test('a cancelled exchange ends at the origin, says nothing, and leaves the others', async (t) => {
  const codes: number[] = []
  const streams: ServerHttp2Stream[] = []
  const { session } = await startOrigin(t, (stream) => {
    streams.push(stream)
    stream.on('close', () => codes.push(stream.rstCode))
    stream.respond()
    stream.write('begin')
  })
  const [cancelled, other] = [new Recorder(), new Recorder()]
  const exchange = session.send(request(), cancelled)
  session.send(request(), other)
  await Promise.all([cancelled.head, other.head])
  exchange.cancel()
  exchange.cancel()
  exchange.resume()
  t.equal(session.active, 1)
  await waitFor(() => codes.length === 1, 'the origin to notice')
  t.same(codes, [NGHTTP2_CANCEL])
  streams[1]?.end('end')
  await other.over
  t.equal(other.body.toString(), 'beginend')
  t.equal(cancelled.endings, 0)
})

test('a whole answer that waits for its reader can be cancelled', async (t) => {
  const { session } = await startOrigin(t, (stream) => {
    stream.respond()
    stream.end('abc')
  })
  const answer = new Recorder()
  answer.accept = () => false
  const exchange = session.send(request(), answer)
  await waitFor(() => answer.chunks.length === 1 && session.isIdle, 'the stream’s end')
  exchange.cancel()
  exchange.resume()
  const next = new Recorder()
  session.send(request(), next)
  await next.over
  t.equal(answer.endings, 0)
  t.equal(session.active, 0)
})

test('a slow reader gets an answer that came in one piece, its origin being gone', async (t) => {
  const { session, remote, requested } = await startRawOrigin(t)
  const answer = new Recorder()
  answer.accept = () => false
  const exchange = session.send(request(), answer)
  await requested(1)
  const pieces = ['one', 'two', 'three'].map((text, at) =>
    frame(DATA, at === 2 ? END_STREAM : 0, 1, Buffer.from(text))
  )
  remote.write(Buffer.concat([headers(1, { ':status': '200' }), ...pieces]))
  await waitFor(() => answer.chunks.length === 1, 'the first piece')
  remote.destroy()
  await waitFor(() => session.isClosed, 'the session’s end')
  while (answer.endings === 0) exchange.resume()
  t.equal(answer.failure, undefined)
  t.equal(answer.body.toString(), 'onetwothree')
})

test('a slow reader gets the whole answer of an origin that is gone meanwhile', async (t) => {
  const { session, remote, peer } = await startOrigin(t, (stream) => {
    stream.respond()
    stream.end(MEGABYTE.subarray(0, 200_000))
    stream.on('close', () => peer.close())
  })
  const answer = new Recorder()
  answer.accept = () => false
  const exchange = session.send(request(), answer)
  await once(remote, 'close')
  await waitFor(() => session.isClosed, 'the session’s end')
  t.equal(answer.endings, 0)
  while (answer.endings === 0) exchange.resume()
  t.equal(answer.failure, undefined)
  t.ok(answer.body.equals(MEGABYTE.subarray(0, 200_000)))
})
