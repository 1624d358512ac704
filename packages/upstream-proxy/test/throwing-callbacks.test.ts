import { once } from 'node:events'
import { channel } from 'node:diagnostics_channel'
import { connect, createSecureServer, type ServerHttp2Stream } from 'node:http2'
import { connect as connectSocket, createServer } from 'node:net'
import {
  createCertificate,
  fail,
  portOf,
  respond,
  startOrigin,
  waitFor,
  type Responder
} from '@reliw/testing'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { test, type Test } from 'tap'
import { ask, writeRequest } from './answer.ts'
import { matchRest, openClient, startProxy, stateOf } from './app.ts'
import { Http1Connection } from '../src/http1/http1-connection.ts'
import { PieceWriter } from '../src/pieces/piece-writer.ts'
import { failOnce, failWhenSet, hearFaults, HOST, isOurs, ours } from './faults.ts'

const LOST: Responder = (_request, socket) => void socket.destroy()
const upgrade = { ...ours, headers: [...ours.headers, 'Upgrade: x', 'Connection: Upgrade'] }
const SWITCHING = 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'

/** Has a method of a stream throw from its second call on. */
function failLater(stream: object, name: string, calls = 1): void {
  const method = Reflect.get(stream, name) as (...values: unknown[]) => unknown
  let left = calls
  Object.assign(stream, {
    [name]: (...values: unknown[]) => (left-- > 0 ? method.apply(stream, values) : fail())
  })
}

/** An option that spoils something of our requests, and adds no headers. */
function spoiled(
  spoil: (request: FastifyRequest, reply: FastifyReply) => void
): (request: FastifyRequest, reply: FastifyReply) => void {
  return (request, reply) => {
    if (isOurs(request)) spoil(request, reply)
  }
}

function failBodySize(_request: FastifyRequest, reply: FastifyReply): void {
  failWhenSet(reply, 'bodySize')
}

function failResume(request: FastifyRequest): undefined {
  if (isOurs(request)) failLater(request.raw, 'resume', 0)
}

/** Has the second attempt throw. */
function failAgain(request: FastifyRequest): undefined {
  if (!isOurs(request)) return
  let sets = 0
  const set = (_origin: string): void => {
    sets++
    if (sets === 2) fail()
  }
  Object.defineProperty(request, 'upstream', {
    value: Object.defineProperty({}, 'origin', { set })
  })
}

test('what a retry throws ends its exchange alone', async (t) => {
  const faults = hearFaults(t)
  const origin = await startOrigin(t, (request, socket) =>
    (request.head.includes('ail') ? LOST : respond('well'))(request, socket)
  )
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } }, { traceparent: failAgain })
  t.match(await ask(proxy.port, ours), { status: 500, isWhole: true })
  t.equal(faults.length, 1)
  t.match(proxy.log, [{ msg: 'forwarding failed', request_id: String }])
  await matchRest(t, proxy, origin)
})

test('what giving connections throws ends the exchange that waits', async (t) => {
  const faults = hearFaults(t)
  const origin = await startOrigin(t, respond('well'))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  t.match(await ask(proxy.port, { host: HOST }), { status: 200 })
  await waitFor(() => stateOf(proxy, HOST).idle === 1, 'an idle connection')
  failOnce(t, performance, 'now', (stack) => stack.includes('#serve'))
  t.match(await ask(proxy.port, { ...ours, method: 'POST', body: 'hi' }), { status: 500 })
  t.equal(faults.length, 1)
  await matchRest(t, proxy, origin)
})

/** An HTTP/2 origin that answers `/` and leaves the others. */
async function startHttp2(
  t: Test,
  others: (stream: ServerHttp2Stream) => void = () => undefined
): Promise<Parameters<typeof startProxy>[1]> {
  const server = createSecureServer(await createCertificate(['localhost']))
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined)
    if (headers[':path'] !== '/') return others(stream)
    stream.respond({ ':status': 200 })
    stream.end('well')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const target = `https://127.0.0.1:${portOf(server)}`
  return { [HOST]: { target, tls_no_verify: true, retry: false } }
}

/** Of all sessions to origins. */
function sessionPrototype(t: Test): object {
  const session = connect('http://127.0.0.1:1').on('error', () => undefined)
  t.teardown(() => session.destroy())
  return Object.getPrototypeOf(Object.getPrototypeOf(session)) as object
}

test('what making a session throws ends its exchange and connection alone', async (t) => {
  const proxy = await startProxy(t, await startHttp2(t))
  failOnce(t, sessionPrototype(t), 'setLocalWindowSize')
  t.match(await ask(proxy.port, ours), { status: 500 })
  const told = { msg: 'forwarding failed', request_id: String }
  t.match(
    proxy.log.filter(({ msg }) => msg === told.msg),
    [told]
  )
  t.match(await ask(proxy.port, { host: HOST }), { status: 200, body: 'well' })
  await matchRest(t, proxy)
})

for (const event of ['remoteSettings', 'goaway']) {
  test(`what ${event} of a session throws ends the exchanges on it alone`, async (t) => {
    const faults = hearFaults(t)
    const streams: ServerHttp2Stream[] = []
    const upstreams = await startHttp2(t, (stream) => void streams.push(stream))
    const proxy = await startProxy(t, upstreams)
    const answer = ask(proxy.port, { ...ours, path: '/wait' })
    await waitFor(() => streams.length === 1, 'the request')
    const { promise, resolve } = Promise.withResolvers<void>()
    const destroyed = Object.getOwnPropertyDescriptor(sessionPrototype(t), 'destroyed')
    const target = sessionPrototype(t)
    let isArmed = true
    t.teardown(() => Object.defineProperty(target, 'destroyed', destroyed ?? {}))
    Object.defineProperty(target, 'destroyed', {
      configurable: true,
      get(this: object): unknown {
        if (!isArmed || !/#changed|#onSession/.test(new Error('where').stack ?? ''))
          return destroyed?.get?.call(this)
        isArmed = false
        resolve()
        return fail()
      }
    })
    const session = streams[0]?.session
    if (event === 'goaway') session?.goaway()
    else session?.settings({ maxConcurrentStreams: 7 })
    await promise
    t.match(await answer, { status: 502 })
    t.equal(faults.length, 1)
    t.match(await ask(proxy.port, { host: HOST }), { status: 200, body: 'well' })
    await matchRest(t, proxy)
  })
}

test('whatever is published on a channel of node that is listened to', async (t) => {
  const faults = hearFaults(t)
  for (const message of [undefined, {}, { stream: null }])
    channel('http2.client.stream.close').publish(message)
  t.equal(faults.length, 3)
})

test('what a health check throws does not end the checks', async (t) => {
  const faults = hearFaults(t)
  let isWell = false
  const origin = await startOrigin(t, async (request, socket) => {
    if (isWell) await respond('well')(request, socket)
    else socket.destroy()
  })
  const health = { path: '/', interval: 0.1, timeout: 1 }
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, health } })
  const failing = Object.assign(proxy.log, { push: fail })
  await ask(proxy.port, { host: HOST })
  await waitFor(() => faults.length > 0, 'the fault')
  Reflect.deleteProperty(failing, 'push')
  isWell = true
  await waitFor(() => stateOf(proxy, HOST).healthy, 'the next check')
  t.match(await ask(proxy.port, { host: HOST }), { status: 200 })
})

test('what going on with an answer throws breaks it off', async (t) => {
  const faults = hearFaults(t)
  const origin = await startOrigin(t, async (request, socket) => {
    if (!request.head.includes('ail')) return respond('well')(request, socket)
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n')
    socket.write('x'.repeat(8_999_999))
  })
  const raws: FastifyReply['raw'][] = []
  const atResponse = (_request: FastifyRequest, { raw }: FastifyReply): void => void raws.push(raw)
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } }, { atResponse })
  failOnce(t, Http1Connection.prototype, 'resume')
  const client = openClient(t, proxy)
  client.socket.pause()
  client.write(writeRequest(ours))
  await waitFor(() => raws[0]?.writableNeedDrain, 'the client to be slow')
  client.socket.resume()
  await client.readToEnd()
  t.equal(faults.length, 1)
  t.match(proxy.log, [{ msg: 'forwarding failed', request_id: String }])
  await matchRest(t, proxy, origin)
})

test('what the callback of a write throws is told to who writes', async (t) => {
  const faults = hearFaults(t)
  const { promise, resolve } = Promise.withResolvers<unknown>()
  const server = createServer((socket) => void socket.resume())
  t.teardown(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const socket = connectSocket(portOf(server), '127.0.0.1')
  t.teardown(() => socket.destroy())
  const pieces = new PieceWriter({
    waiting: Infinity,
    writePiece: (bytes, onTaken) => void socket.write(bytes, onTaken),
    onRoom: fail,
    onThrow: resolve
  })
  t.equal(pieces.write(Buffer.from('a'), 'shared'), false)
  t.equal(await promise, faults[0])
})

test('what going on with a body throws ends its exchange alone', async (t) => {
  const faults = hearFaults(t)
  const origin = await startOrigin(t, respond('well'))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } }, { traceparent: failResume })
  const client = openClient(t, proxy)
  client.write(`POST / HTTP/1.1\r\nHost: ${HOST}\r\nX-Fail: 1\r\nContent-Length: 4000000\r\n\r\n`)
  client.write('x'.repeat(4_000_000))
  t.match(await client.readToEnd(), /^HTTP\/1\.1 500 |^$/)
  t.ok(faults.length > 0)
  client.destroy()
  await matchRest(t, proxy, origin)
})

for (const [what, spoil] of Object.entries({
  'a piece': ({ raw }: FastifyRequest) => failLater(raw.socket, 'write'),
  'an end': ({ raw }: FastifyRequest) => failLater(raw.socket, 'end', 0)
})) {
  test(`what passing ${what} through a tunnel throws ends the tunnel alone`, async (t) => {
    const faults = hearFaults(t)
    const origin = await startOrigin(t, async (request, socket) => {
      if (!request.head.includes('ail')) return respond('well')(request, socket)
      socket.write(SWITCHING)
      socket.write('bytes')
      socket.on('data', () => undefined)
      if (what === 'an end') socket.end()
    })
    const proxy = await startProxy(
      t,
      { [HOST]: { target: origin.url } },
      { atResponse: spoiled(spoil) }
    )
    const client = openClient(t, proxy)
    client.write(writeRequest(upgrade, 'keep-alive').replace('Connection: keep-alive\r\n', ''))
    await client.readToEnd()
    t.ok(faults.length > 0)
    client.destroy()
    await matchRest(t, proxy, origin)
  })
}

test('what the end of a tunnel throws ends nothing else', async (t) => {
  const faults = hearFaults(t)
  const origin = await startOrigin(t, async (request, socket) => {
    if (request.head.includes('ail')) socket.write(SWITCHING)
    else await respond('well')(request, socket)
  })
  const proxy = await startProxy(
    t,
    { [HOST]: { target: origin.url } },
    { atResponse: spoiled(failBodySize) }
  )
  const client = openClient(t, proxy)
  client.write(writeRequest(upgrade, 'keep-alive').replace('Connection: keep-alive\r\n', ''))
  await client.read('101 ')
  client.destroy()
  await waitFor(() => faults.length === 1, 'the fault')
  await matchRest(t, proxy, origin)
})

test('what beginning an upgrade throws ends its connection alone', async (t) => {
  const faults = hearFaults(t)
  const origin = await startOrigin(t, respond('well'))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  failOnce(t, proxy.app, 'routing')
  const client = openClient(t, proxy)
  client.write(writeRequest(upgrade, 'keep-alive').replace('Connection: keep-alive\r\n', ''))
  t.equal(await client.readToEnd(), '')
  t.equal(faults.length, 1)
  client.destroy()
  await matchRest(t, proxy, origin)
})
