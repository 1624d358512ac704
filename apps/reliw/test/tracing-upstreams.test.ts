import { once } from 'node:events'
import { openRaw, respond, startOrigin, type Responder, type Origin } from '@reliw/testing'
import { test, type Test } from 'tap'
import type { Config } from '../src/index.ts'
import { ask } from './cli/serving.ts'
import type { Span } from './tracing-otlp.ts'
import {
  NEVER,
  PARENT,
  RECORDED,
  startTraced,
  TRACE,
  type TracedServer,
  TRUSTING,
  UNRECORDED
} from './tracing-server.ts'
import { openWebSocket, startEcho } from './websockets.ts'

const SERVER = 2
const CLIENT = 3

interface Setup extends TracedServer {
  origin: Origin
}

/** A server with an upstream of one origin. */
async function start(
  t: Test,
  config: Config = {},
  answer: Responder = respond('x')
): Promise<Setup> {
  const origin = await startOrigin(t, answer)
  const values = { 'PROXY:a.example': { target: origin.url } }
  return { ...(await startTraced(t, values, config)), origin }
}

/** What the origin got with its last request. */
function told({ requests }: Origin, name = 'traceparent'): string | undefined {
  return requests.at(-1)?.header(name)
}

function ofKind(spans: Span[], wanted: number): Span[] {
  return spans.filter(({ kind }) => kind === wanted)
}

test("an origin gets the request's span, and an attempt is its child", async (t) => {
  const { port, origin, finish, line } = await start(t)
  await ask(port, '/x?y')
  const spans = await finish()
  const [[server], [client]] = [ofKind(spans, SERVER), ofKind(spans, CLIENT)]
  if (server === undefined || client === undefined) throw new Error('a span is missing')
  const { traceId, spanId } = server
  t.equal(spans.length, 2)
  t.equal(told(origin), `00-${traceId}-${spanId}-01`)
  t.match(server, { name: 'GET upstream', attributes: { 'reliw.upstream': 'a.example' } })
  t.match(client, { name: 'GET', status: 0, traceId, parentSpanId: spanId })
  t.not(client.spanId, spanId)
  t.strictSame(client.attributes, {
    'http.request.method': 'GET',
    'server.address': '127.0.0.1',
    'server.port': origin.port,
    'http.response.status_code': 200,
    'reliw.upstream': 'a.example'
  })
  t.ok(server.start <= client.start && client.end <= server.end, 'it is within the request')
  await line({ msg: 'request', trace_id: traceId })
})

test('each attempt is a span', async (t) => {
  const origin = await startOrigin(t, respond('x'))
  const upstream = { targets: ['127.0.0.1:1', origin.url], lb: 'round_robin' }
  const { port, finish } = await startTraced(t, { 'PROXY:a.example': upstream })
  for (let request = 0; request < 2; request++) await ask(port, '/')
  const clients = ofKind(await finish(), CLIENT)
  const failed = clients.filter(({ status }) => status === 2)
  t.match(failed, [{ attributes: { 'error.type': 'connect', 'server.port': 1 } }])
  const again = clients.filter(({ attributes }) => 'http.request.resend_count' in attributes)
  t.match(again, [
    { parentSpanId: failed[0]?.parentSpanId, attributes: { 'http.request.resend_count': 1 } }
  ])
})

test('a 404 of an origin is an error of the attempt, not of the server', async (t) => {
  const { port, finish } = await start(t, {}, respond('x', {}, 404))
  await ask(port, '/')
  const spans = await finish()
  t.match(ofKind(spans, SERVER), [{ status: 0 }])
  t.match(ofKind(spans, CLIENT), [{ status: 2, attributes: { 'error.type': '404' } }])
})

test('the trace of a trusted peer is forwarded to the origin, with its state', async (t) => {
  const { port, origin, finish } = await start(t, { ...TRUSTING, ...NEVER })
  await ask(port, '/', { traceparent: RECORDED, tracestate: 'vendor=1' })
  const [server] = ofKind(await finish(), SERVER)
  t.equal(told(origin), `00-${TRACE}-${server?.spanId}-01`)
  t.equal(server?.parentSpanId, PARENT)
  t.equal(told(origin, 'tracestate'), 'vendor=1')
})

test('the trace of an unrecorded request is forwarded unchanged', async (t) => {
  const { port, origin, finish } = await start(t, TRUSTING)
  await ask(port, '/', { traceparent: UNRECORDED, tracestate: 'vendor=1' })
  t.strictSame(await finish(), [])
  t.equal(told(origin), UNRECORDED)
  t.equal(told(origin, 'tracestate'), 'vendor=1')
})

test('an unrecorded request is forwarded with flags 00 and logged with its trace', async (t) => {
  const { port, origin, finish, line } = await start(t, NEVER)
  await ask(port, '/', { traceparent: RECORDED, tracestate: 'vendor=1' })
  t.strictSame(await finish(), [])
  t.match(told(origin), /^00-(?!0af7)[0-9a-f]{32}-[0-9a-f]{16}-00$/)
  t.equal(told(origin, 'tracestate'), undefined)
  await line({ msg: 'request', trace_id: told(origin)?.slice(3, 35) })
})

test('an attempt whose client disconnects is recorded as `client left`', async (t) => {
  const asked = Promise.withResolvers<void>()
  const { port, finish, line } = await start(t, {}, () => asked.resolve())
  const client = openRaw(port)
  client.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n')
  await asked.promise
  client.destroy()
  await line({ msg: 'request', aborted: true })
  const spans = await finish()
  t.match(ofKind(spans, CLIENT), [{ status: 0, attributes: { 'error.type': 'client left' } }])
  const [server] = ofKind(spans, SERVER)
  t.match(server, { status: 0, attributes: { 'reliw.aborted': true } })
  t.notOk('http.response.status_code' in (server?.attributes ?? {}), 'it was answered nothing')
})

test('a WebSocket is a request that lasts', async (t) => {
  const { target } = await startEcho(t)
  const { port, collector, finish, line } = await startTraced(t, { 'PROXY:a.example': { target } })
  const socket = await openWebSocket(t, port)
  const attempt = await collector.span({ 'http.response.status_code': 101 })
  t.match(attempt, { kind: CLIENT, status: 0 })
  t.strictSame(ofKind(collector.spans, SERVER), [], 'it is not over')
  socket.close()
  await once(socket, 'close')
  await line({ msg: 'request', status: 101 })
  const [server] = ofKind(await finish(), SERVER)
  t.match(server, {
    spanId: attempt.parentSpanId,
    attributes: { 'http.response.status_code': 101 }
  })
})

test('attempts of two requests with the same id are not mixed up', async (t) => {
  const open: (() => void)[] = []
  const { promise: areAsked, resolve } = Promise.withResolvers<void>()
  const hold: Responder = (_request, connection) => {
    open.push(() => connection.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))
    if (open.length >= 2) resolve()
  }
  const { port, finish } = await start(t, TRUSTING, hold)
  const same = { 'x-request-id': 'same' }
  const replies = [ask(port, '/', same), ask(port, '/', same)]
  await areAsked
  for (const answer of open.splice(0, 1)) answer()
  await Promise.race(replies)
  for (const answer of open) answer()
  await Promise.all(replies)
  const spans = await finish()
  const [first, second] = ofKind(spans, SERVER)
  t.not(first?.spanId, second?.spanId)
  t.match(ofKind(spans, CLIENT), [{ parentSpanId: second?.spanId }], 'it was alone by then')
  t.equal(ofKind(spans, CLIENT).length, 1)
})
