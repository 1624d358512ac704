import { once } from 'node:events'
import { constants } from 'node:http2'
import { waitFor } from '@reliw/testing'
import { test } from 'tap'
import { Http2Session } from '../src/http2/http2-session.ts'
import * as frames from './http2/frames.ts'
import { startOrigin, startRawOrigin } from './http2/origin.ts'
import { Recorder } from './http2/recorder.ts'
import { request, TestBody } from './http2/requests.ts'

const { DATA, END_HEADERS, END_STREAM, GOAWAY, PUSH_PROMISE, RST_STREAM } = frames
const { block, frame, headers, words } = frames
const OK = { ':status': '200' }

test('a stream that is reset fails, and tells whether the origin may have acted', async (t) => {
  const { session } = await startOrigin(t, (stream, fields) => {
    stream.close(Number(fields[':path']?.slice(1)))
  })
  for (const [code, kind, isUnsent] of [
    [constants.NGHTTP2_REFUSED_STREAM, 'reset', true],
    [constants.NGHTTP2_INTERNAL_ERROR, 'reset', false],
    [constants.NGHTTP2_CANCEL, 'reset', false],
    [constants.NGHTTP2_NO_ERROR, 'reset', false],
    [constants.NGHTTP2_PROTOCOL_ERROR, 'protocol', false]
  ] as const) {
    const answer = new Recorder()
    session.send(request({ path: `/${code}` }), answer)
    await answer.over
    t.equal(answer.failure?.kind, kind, `code ${code}`)
    t.equal(answer.failure?.isUnsent, isUnsent, `code ${code}`)
    t.equal(answer.status, 0)
    t.equal(answer.endings, 1)
    t.equal(session.active, 0)
  }
})

test('a refusal after the head is a lie: the origin has acted', async (t) => {
  const { session, remote, requested } = await startRawOrigin(t)
  const answer = new Recorder()
  session.send(request(), answer)
  await requested(1)
  remote.write(headers(1, OK))
  remote.write(frame(RST_STREAM, 0, 1, words(constants.NGHTTP2_REFUSED_STREAM)))
  await answer.over
  t.equal(answer.failure?.isUnsent, false)
})

test('an answer that is cut off is no answer, whatever the code', async (t) => {
  const { session, remote, requested } = await startRawOrigin(t)
  let stream = 1
  for (const code of [
    constants.NGHTTP2_NO_ERROR,
    constants.NGHTTP2_CANCEL,
    constants.NGHTTP2_INTERNAL_ERROR
  ]) {
    for (const isPaused of [false, true]) {
      const answer = new Recorder()
      answer.accept = () => !isPaused
      const exchange = session.send(request(), answer)
      await requested(stream)
      remote.write(headers(stream, OK))
      remote.write(frame(DATA, 0, stream, Buffer.from('begin')))
      await waitFor(() => answer.chunks.length === 1, 'the beginning')
      remote.write(frame(DATA, 0, stream, Buffer.from('more')))
      remote.write(frame(RST_STREAM, 0, stream, words(code)))
      if (isPaused) setImmediate(() => exchange.resume())
      answer.accept = () => true
      await answer.over
      t.equal(answer.failure?.kind, 'reset', `code ${code}`)
      t.equal(answer.failure?.isUnsent, false)
      t.equal(answer.endings, 1)
      stream += 2
    }
  }
  t.equal(session.active, 0)
})

test('a whole answer is an answer, whatever resets its stream afterwards', async (t) => {
  const { session, remote, requested } = await startRawOrigin(t)
  const [reading, paused] = [new Recorder(), new Recorder()]
  paused.accept = () => false
  const body = new TestBody()
  session.send(request({ body }), reading)
  const exchange = session.send(request({ body: new TestBody() }), paused)
  await requested(3)
  for (const stream of [1, 3]) {
    remote.write(headers(stream, OK))
    remote.write(frame(DATA, 0, stream, Buffer.from('be')))
  }
  await waitFor(() => paused.chunks.length + reading.chunks.length === 2, 'the beginnings')
  for (const stream of [1, 3]) {
    remote.write(frame(DATA, END_STREAM, stream, Buffer.from('gin')))
    remote.write(frame(RST_STREAM, 0, stream, words(constants.NGHTTP2_CANCEL)))
  }
  await reading.over
  await waitFor(() => session.isIdle, 'the other stream’s end')
  t.equal(paused.endings, 0)
  paused.accept = () => true
  exchange.resume()
  await paused.over
  for (const { failure, body } of [reading, paused]) {
    t.equal(failure, undefined)
    t.equal(body.toString(), 'begin')
  }
})

test('a reset before any answer ends an upload that nobody takes', async (t) => {
  const { session } = await startOrigin(t, (stream) => {
    stream.once('data', () => stream.close(constants.NGHTTP2_NO_ERROR))
  })
  const body = new TestBody()
  const answer = new Recorder()
  session.send(request({ body }), answer)
  for (let sent = 0; sent < 40; sent++) body.send(Buffer.alloc(50_000))
  await answer.over
  t.equal(answer.failure?.kind, 'reset')
  t.equal(answer.failure?.isUnsent, false)
  session.close()
  t.ok(session.isClosed, 'nothing is left of it')
})

test('an answer whose length is not what it says is not valid', async (t) => {
  for (const content of ['1234', '123456']) {
    const { session } = await startOrigin(t, (stream) => {
      stream.respond({ 'content-length': '5' })
      stream.end(content)
    })
    const answer = new Recorder()
    session.send(request(), answer)
    await answer.over
    t.equal(answer.failure?.kind, 'protocol')
    t.equal(answer.endings, 1)
  }
})

test('too large a header list fails its own exchange only', async (t) => {
  const { session, remote, requested } = await startRawOrigin(t, frame(frames.SETTINGS, 0, 0))
  const value = 'x'.repeat(10_000)
  const large = Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`x-${at}`, value]))
  const many = Object.fromEntries(Array.from({ length: 1500 }, (_, at) => [`x-${at}`, '']))
  let stream = 1
  const fail = async (what: string, ...bytes: readonly Buffer[]): Promise<void> => {
    const answer = new Recorder()
    session.send(request(), answer)
    await requested(stream)
    for (const part of bytes) remote.write(part)
    await answer.over
    t.equal(answer.failure?.kind, 'protocol', what)
    t.equal(answer.endings, 1)
    stream += 2
  }
  for (const when of ['before', 'after']) {
    if (when === 'after') remote.write(frame(frames.SETTINGS, frames.ACK, 0))
    await fail(`a head ${when} our settings`, headers(stream, { ...OK, ...large }))
    await fail(`many fields ${when} our settings`, headers(stream, { ...OK, ...many }))
    await fail(`a hint ${when} our settings`, headers(stream, { ':status': '103', ...large }))
    const trailers = headers(stream, large, END_STREAM)
    await fail(`trailers ${when} our settings`, headers(stream, OK), trailers)
  }
  const answer = new Recorder()
  session.send(request(), answer)
  await requested(stream)
  remote.write(headers(stream, { ...OK, 'x-a': value }, END_STREAM))
  await answer.over
  t.equal(answer.failure, undefined)
  t.equal(session.active, 0)
})

test('what is not HTTP/2 fails all exchanges, and nothing is thrown', async (t) => {
  const promise = block({ ':method': 'GET', ':path': '/', ':scheme': 'https' })
  const nonsense: Record<string, Buffer> = {
    text: Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
    zeros: Buffer.alloc(200),
    'headers that cannot be read': frame(frames.HEADERS, END_HEADERS, 1, Buffer.alloc(9, 0xff)),
    'data on a stream that was never opened': frame(DATA, 0, 7, Buffer.from('x')),
    'a frame larger than allowed': frame(DATA, 0, 1, Buffer.alloc(20_000)),
    'a push': frame(PUSH_PROMISE, END_HEADERS, 1, Buffer.concat([words(2), promise]))
  }
  for (const [what, bytes] of Object.entries(nonsense)) {
    const { session, remote, socket, requested } = await startRawOrigin(t)
    const answers = [new Recorder(), new Recorder()]
    for (const answer of answers) session.send(request(), answer)
    await requested(3)
    remote.write(bytes)
    await Promise.all(answers.map((answer) => answer.over))
    for (const { failure, endings } of answers) {
      t.equal(failure?.kind, 'protocol', what)
      t.equal(failure?.isUnsent, false)
      t.equal(endings, 1)
    }
    await waitFor(() => session.isClosed && socket.closed, 'the connection’s end')
  }
})

test('what is not an answer is told as such', async (t) => {
  const mistakes: Record<string, Buffer> = {
    'an upgrade': headers(1, { ':status': '101' }),
    'no status': headers(1, { 'x-a': 'b' }),
    'a status that is no number': headers(1, { ':status': 'abc' }),
    'a status below 100': headers(1, { ':status': '000' }),
    'an information as the last': headers(1, { ':status': '103' }, END_STREAM),
    'two heads': Buffer.concat([headers(1, OK), headers(1, OK)]),
    'trailers that are not the end': Buffer.concat([headers(1, OK), headers(1, { 'x-a': 'b' })]),
    'a header of the connection': headers(1, { ...OK, connection: 'close' }),
    'data before a head': frame(DATA, 0, 1, Buffer.from('x')),
    'informations without end': Buffer.concat(
      Array.from({ length: 100 }, () => headers(1, { ':status': '103' }))
    )
  }
  for (const [what, bytes] of Object.entries(mistakes)) {
    const { session, remote, requested } = await startRawOrigin(t)
    const answer = new Recorder()
    session.send(request(), answer)
    await requested(1)
    remote.write(bytes)
    await answer.over
    t.equal(answer.failure?.kind, 'protocol', what)
    t.equal(answer.failure?.isUnsent, false)
    t.equal(answer.endings, 1)
    t.ok(answer.informations.length <= 64)
    t.equal(session.active, 0)
  }
})

test('a field that is not valid does not get through', async (t) => {
  for (const [name, value] of [
    ['x-a', 'a\r\nx-b: c'],
    ['x-a', 'a\0'],
    ['x a', 'a'],
    ['X-A', 'a'],
    ['x-a\n', 'a']
  ] as const) {
    const { session, remote, requested } = await startRawOrigin(t)
    const answer = new Recorder()
    session.send(request(), answer)
    await requested(1)
    remote.write(headers(1, { ...OK, [name]: value, 'x-b': 'b' }, END_STREAM))
    await answer.over
    // Which of them make an answer a bad one, and which are left out, is up to node.
    if (answer.failure === undefined) t.same(answer.headers, ['x-b', 'b'])
    else t.equal(answer.failure.kind, 'protocol')
  }
})

test('a push before the origin knows our settings is turned away, its errors too', async (t) => {
  const { session, remote, requested } = await startRawOrigin(t, frame(frames.SETTINGS, 0, 0))
  const answer = new Recorder()
  session.send(request(), answer)
  await requested(1)
  const promise = block({ ':method': 'GET', ':path': '/', ':scheme': 'https', ':authority': 'a' })
  remote.write(frame(PUSH_PROMISE, END_HEADERS, 1, Buffer.concat([words(2), promise])))
  remote.write(headers(2, OK))
  remote.write(frame(RST_STREAM, 0, 2, words(constants.NGHTTP2_INTERNAL_ERROR)))
  remote.write(headers(1, OK, END_STREAM))
  await answer.over
  t.equal(answer.endings, 1)
})

test('a killed connection fails each of its exchanges once', async (t) => {
  const { session, remote } = await startOrigin(t, (stream) => {
    stream.respond()
    stream.write('begin')
  })
  const body = new TestBody()
  const [reading, paused, sending] = [new Recorder(), new Recorder(), new Recorder()]
  const answers = [reading, paused, sending]
  paused.accept = () => false
  session.send(request(), reading)
  session.send(request(), paused)
  session.send(request({ body }), sending)
  await Promise.all(answers.map((answer) => answer.head))
  remote.destroy()
  await Promise.all(answers.map((answer) => answer.over))
  await waitFor(() => session.isClosed, 'the session’s end')
  for (const answer of answers) {
    t.equal(answer.failure?.kind, 'reset')
    t.equal(answer.endings, 1)
  }
  t.equal(session.available, 0)
  t.equal(session.active, 0)
  t.ok(body.send('more'))
  const late = new Recorder()
  session.send(request(), late)
  await late.over
  t.equal(late.failure?.isUnsent, true)
})

test('destroy() fails all exchanges, once, and closes the connection', async (t) => {
  const { session, socket } = await startOrigin(t, (stream) => {
    stream.respond()
    stream.write('begin')
  })
  const answers = [new Recorder(), new Recorder()]
  for (const answer of answers) session.send(request(), answer)
  await Promise.all(answers.map((answer) => answer.head))
  const closed = once(socket, 'close')
  session.destroy()
  session.destroy()
  t.ok(session.isClosed)
  await Promise.all(answers.map((answer) => answer.over))
  for (const answer of answers) {
    t.equal(answer.failure?.kind, 'reset')
    t.equal(answer.endings, 1)
  }
  await closed
  t.doesNotThrow(() => socket.emit('error', new Error('late')))
})

test('a flood of resets costs each exchange its own stream only', async (t) => {
  let isFlooding = true
  const { session } = await startOrigin(t, (stream) => {
    if (isFlooding) return stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    stream.respond()
    stream.end()
  })
  await waitFor(() => session.available > 1, 'the settings of the origin')
  const answers: Recorder[] = []
  for (let round = 0; round < 5; round++) {
    const batch = Array.from({ length: session.available }, () => new Recorder())
    for (const answer of batch) session.send(request(), answer)
    await Promise.all(batch.map((answer) => answer.over))
    answers.push(...batch)
  }
  t.ok(answers.length >= 1000)
  t.ok(answers.every(({ failure, endings }) => failure?.kind === 'reset' && endings === 1))
  isFlooding = false
  const answer = new Recorder()
  session.send(request(), answer)
  await answer.over
  t.equal(answer.status, 200)
  t.equal(session.active, 0)
})

test('a stream after the last that a GOAWAY names is unsent, one before it goes on', async (t) => {
  const { session, remote, socket, requested } = await startRawOrigin(t)
  const [first, second] = [new Recorder(), new Recorder()]
  session.send(request(), first)
  session.send(request(), second)
  await requested(3)
  let changes = 0
  session.onChange(() => changes++)
  remote.write(frame(GOAWAY, 0, 0, words(1, constants.NGHTTP2_NO_ERROR)))
  await second.over
  t.equal(second.failure?.kind, 'reset')
  t.equal(second.failure?.isUnsent, true)
  t.equal(first.endings, 0)
  t.equal(session.available, 0)
  t.equal(session.isClosed, false)
  t.ok(changes > 0)
  const late = new Recorder()
  const body = new TestBody()
  session.send(request({ body }), late)
  await late.over
  t.equal(late.failure?.isUnsent, true)
  t.equal(body.isUsed, false)
  remote.write(headers(1, OK))
  remote.write(frame(DATA, END_STREAM, 1, Buffer.from('whole')))
  await first.over
  t.equal(first.body.toString(), 'whole')
  await waitFor(() => session.isClosed, 'the session’s end')
  await waitFor(() => socket.closed, 'the end of a connection that the origin leaves open')
})

test('a GOAWAY for an error fails what it ends, and says what was unsent', async (t) => {
  const { session, remote, requested } = await startRawOrigin(t)
  const [first, second] = [new Recorder(), new Recorder()]
  session.send(request(), first)
  session.send(request(), second)
  await requested(3)
  remote.write(frame(GOAWAY, 0, 0, words(1, constants.NGHTTP2_ENHANCE_YOUR_CALM)))
  await Promise.all([first.over, second.over])
  t.equal(first.failure?.kind, 'reset')
  t.equal(first.failure?.isUnsent, false)
  t.equal(second.failure?.isUnsent, true)
  t.ok(session.isClosed)
})

test('a GOAWAY on an idle session closes its connection', async (t) => {
  const { session, remote, socket } = await startRawOrigin(t)
  await waitFor(() => session.available > 1, 'the settings of the origin')
  const available: number[] = []
  session.onChange(() => available.push(session.available))
  remote.write(frame(GOAWAY, 0, 0, words(0, constants.NGHTTP2_NO_ERROR)))
  await waitFor(() => session.isClosed && socket.closed, 'the connection’s end')
  t.ok(available.every((count) => count === 0))
})

test('a request that HTTP/2 cannot carry fails unsent, unless it was cancelled', async (t) => {
  const { session } = await startOrigin(t, (stream) => stream.close())
  const [failed, cancelled] = [new Recorder(), new Recorder()]
  session.send(request({ method: 'CONNECT' }), cancelled).cancel()
  const exchange = session.send(request({ headers: ['not a name', 'x'] }), failed)
  t.equal(failed.endings, 0)
  await failed.over
  exchange.resume()
  exchange.cancel()
  t.equal(failed.failure?.kind, 'protocol')
  t.equal(failed.failure?.isUnsent, true)
  t.equal(cancelled.endings, 0)
  t.equal(session.active, 0)
})

test('a session on a connection that is gone already sends nothing', async (t) => {
  const { socket, session: before } = await startRawOrigin(t)
  before.destroy()
  await waitFor(() => socket.closed, 'the connection’s end')
  const session = new Http2Session(socket)
  t.equal(session.available, 0)
  const answer = new Recorder()
  session.send(request(), answer)
  await answer.over
  t.equal(answer.failure?.isUnsent, true)
  session.destroy()
})
