import { once } from 'node:events'
import { constants, type ServerHttp2Stream } from 'node:http2'
import { waitFor } from '@reliw/testing'
import { test } from 'tap'
import { frame, SETTINGS, WINDOW_UPDATE } from './http2/frames.ts'
import { startOrigin, startRawOrigin } from './http2/origin.ts'
import { Recorder } from './http2/recorder.ts'
import { request } from './http2/requests.ts'

test('one stream is available until the origin says how many', async (t) => {
  const { session, remote } = await startRawOrigin(t, Buffer.of())
  t.equal(session.available, 1)
  t.equal(session.active, 0)
  t.ok(session.isIdle)
  t.equal(session.idleSince, session.created)
  const changed = new Promise((resolve) => session.onChange(resolve))
  remote.write(frame(SETTINGS, 0, 0))
  t.equal(await changed, session)
  t.equal(session.available, 256, 'an origin that names no number gets so many')
  const answer = new Recorder()
  const exchange = session.send(request(), answer)
  t.equal(session.available, 255)
  t.equal(session.active, 1)
  t.notOk(session.isIdle)
  exchange.cancel()
  t.equal(session.available, 256)
  t.ok(session.idleSince > session.created)
})

test('an origin is told that it may send much, but no pushes and no large headers', async (t) => {
  const { session, received, requested } = await startRawOrigin(t)
  session.send(request(), new Recorder())
  await requested(1)
  const settings = new Map<number, number>()
  const { payload } = received.find(({ type }) => type === SETTINGS) ?? { payload: Buffer.of() }
  for (let at = 0; at < payload.length; at += 6) {
    settings.set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2))
  }
  t.equal(settings.get(constants.NGHTTP2_SETTINGS_ENABLE_PUSH), 0)
  t.equal(settings.get(constants.NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE), 256 * 1024)
  t.equal(settings.get(constants.NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE), 64 * 1024)
  const update = received.find(({ type, stream }) => type === WINDOW_UPDATE && stream === 0)
  t.equal(update?.payload.readUInt32BE(), 16 * 1024 * 1024 - 65_535)
})

test('an origin that takes one stream at a time gets one after the other', async (t) => {
  const streams: ServerHttp2Stream[] = []
  const { session } = await startOrigin(t, (stream) => streams.push(stream), {
    settings: { maxConcurrentStreams: 1 }
  })
  const answers = [new Recorder(), new Recorder(), new Recorder()]
  for (const answer of answers) session.send(request(), answer)
  t.equal(session.available, 0)
  t.equal(session.active, 3)
  for (const [at, answer] of answers.entries()) {
    await waitFor(() => streams.length === at + 1, 'the next request')
    streams[at]?.respond()
    streams[at]?.end(`${at}`)
    await answer.over
    t.equal(answer.body.toString(), `${at}`)
  }
  t.equal(session.available, 1)
})

test('an origin may change how many streams it takes', async (t) => {
  let arrived = 0
  const { session, peer } = await startOrigin(t, () => arrived++, {
    settings: { maxConcurrentStreams: 2 }
  })
  await waitFor(() => session.available === 2, 'the settings of the origin')
  session.send(request(), new Recorder())
  session.send(request(), new Recorder())
  t.equal(session.available, 0)
  await waitFor(() => arrived === 2, 'both requests')
  for (const [count, available] of [
    [1, 0],
    [5, 3],
    [0, 0],
    [1_000_000, 254]
  ] as const) {
    const changed = new Promise((resolve) => session.onChange(resolve))
    peer.settings({ maxConcurrentStreams: count })
    await changed
    t.equal(session.available, available)
  }
})

test('a stream is free before its handler hears of the end', async (t) => {
  const { session } = await startOrigin(t, (stream, headers) => {
    if (headers[':path'] === '/bad') return stream.close(2)
    stream.respond()
    stream.end()
  })
  for (const path of ['/good', '/bad']) {
    const order: string[] = []
    const answer = new Recorder()
    session.send(request({ path }), answer)
    session.onChange(() => order.push(`${session.active} active, ${answer.endings} told`))
    await answer.over
    t.equal(order.at(-1), '0 active, 0 told')
  }
})

test('close() lets what is under way end, and then closes', async (t) => {
  const streams: ServerHttp2Stream[] = []
  const { session, socket, peer } = await startOrigin(t, (stream) => {
    streams.push(stream)
    stream.respond()
    stream.write('begin')
  })
  const answer = new Recorder()
  session.send(request(), answer)
  await answer.head
  const goaway = once(peer, 'goaway')
  session.close()
  session.close()
  t.equal(session.available, 0)
  t.equal(session.isClosed, false)
  t.same((await goaway)[0], 0)
  const closed = once(socket, 'close')
  streams[0]?.end('end')
  await answer.over
  t.equal(answer.failure, undefined)
  t.equal(answer.body.toString(), 'beginend')
  await closed
  t.ok(session.isClosed)
})

test('close() says farewell on an idle session too', async (t) => {
  const { session, socket, peer } = await startOrigin(t, () => undefined)
  const farewell = Promise.all([once(peer, 'goaway'), once(peer, 'close'), once(socket, 'close')])
  let isTold = false
  session.onChange(() => (isTold = session.isClosed))
  session.close()
  t.ok(session.isClosed)
  t.ok(isTold)
  await farewell
})

test('an origin that reads nothing any more cannot keep a session from its end', async (t) => {
  const { session, socket, remote } = await startRawOrigin(t)
  await waitFor(() => session.available > 1, 'the settings of the origin')
  remote.pause()
  const headers = ['x-a', '~'.repeat(50_000)]
  const exchanges = Array.from({ length: 250 }, (_, at) =>
    session.send(request({ headers: [...headers, 'x-at', `${at}`] }), new Recorder())
  )
  await waitFor(() => socket.bytesWritten > 10_000_000, 'more than fits on the way')
  const closed = once(socket, 'close')
  for (const exchange of exchanges) exchange.cancel()
  session.close()
  t.ok(session.isClosed)
  await closed
})

test('the end of a connection is told, and it is not an error to be idle then', async (t) => {
  const { session, remote } = await startOrigin(t, () => undefined)
  await waitFor(() => session.available > 1, 'the settings of the origin')
  const changed = new Promise((resolve) => session.onChange(resolve))
  remote.destroy()
  await changed
  t.equal(session.available, 0)
  t.ok(session.isClosed)
})
