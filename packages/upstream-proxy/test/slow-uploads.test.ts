import type { UpstreamInput } from '@reliw/model'
import {
  respond,
  startOrigin,
  waitFor,
  type Responder,
  type Origin,
  type RawClient,
  type TestContext
} from '@reliw/testing'
import type { FastifyRequest } from 'fastify'
import { test } from 'tap'
import { heldBytes } from '../src/forward/held-body.ts'
import { ask, headerOf, parseAnswer, writeRequest } from './answer.ts'
import { matchRefusal, matchRest, openClient, startProxy, stateOf, type Proxy } from './app.ts'
import { recordEvents } from './recorded-events.ts'

const HOST = 'shop.test'
const CHUNKED = { host: HOST, method: 'POST', headers: ['Transfer-Encoding: chunked'] }
const LENGTH = 4000
const LARGE = 100_000

interface Uploads {
  proxy: Proxy
  origin: Origin
  clients: RawClient[]
  /** Stops them, each in the same place. @returns how many pieces each has sent */
  stop: () => number
}

const known = ({ headers }: FastifyRequest) => ({
  clientIp: String(headers['x-client'] ?? '198.51.100.1')
})

/**
 * So many clients that send a piece of their bodies ten times a second, and never come to the end.
 *
 * @param prefix of their addresses
 */
async function startUploads(
  t: TestContext,
  count: number,
  settings: UpstreamInput,
  isChunked: boolean,
  prefix = '192.0.2.'
): Promise<Uploads> {
  const origin = await startOrigin(t, respond('ok'))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, ...settings } }, { known })
  const clients = Array.from({ length: count }, () => openClient(t, proxy))
  const framing = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${LENGTH}`
  for (const [at, client] of clients.entries()) {
    const headers = [framing, `X-Client: ${prefix}${at % 255}`]
    client.write(writeRequest({ host: HOST, method: 'POST', headers }))
  }
  const piece = isChunked ? '1\r\nx\r\n' : 'x'
  let pieces = 0
  const timer = setInterval(() => {
    pieces += 1
    for (const client of clients) client.write(piece)
  }, 100)
  const stop = (): number => {
    clearInterval(timer)
    return pieces
  }
  t.teardown(stop)
  return { proxy, origin, clients, stop }
}

for (const isChunked of [false, true]) {
  const how = isChunked ? 'of unknown length' : 'of known length'
  test(`300 slow uploads ${how} keep an upstream from nobody`, async (t) => {
    const { proxy, origin, clients } = await startUploads(t, 300, {}, isChunked)
    await waitFor(() => proxy.requests.length === 300, 'the uploads')
    if (isChunked) await waitFor(() => origin.requests.length === 192, 'their share')
    const before = origin.requests.length
    const asking = Array.from({ length: 64 }, () => ask(proxy.port, { host: HOST }))
    const statuses = (await Promise.all(asking)).map(({ status }) => status)
    t.same(new Set(statuses), new Set([200]))
    const small = { host: HOST, method: 'POST', body: 'here at once' }
    t.equal((await ask(proxy.port, small)).status, 200)
    const [state] = proxy.app.upstreams()
    t.equal(state?.circuit, 'closed')
    if (isChunked) t.equal(origin.requests.length, before + 65, 'the share of uploads is kept')
    else t.equal(before, 0, 'no connection is taken')
    for (const client of clients) client.destroy()
    await matchRest(t, proxy, origin)
    t.equal(heldBytes(), 0)
  })
}

test('the slow uploads of one client leave half of the share to others', async (t) => {
  const settings = { connections: 8 }
  const { proxy, origin, clients } = await startUploads(t, 6, settings, true, '2001:db8:1:2::')
  await waitFor(() => origin.requests.length === 3, 'their part')
  const others = Array.from({ length: 3 }, () => openClient(t, proxy))
  const headers = [`Content-Length: ${LARGE}`, 'X-Client: 2001:db8:1:3::1']
  for (const other of others) {
    other.write(writeRequest({ host: HOST, method: 'POST', headers }) + 'x'.repeat(LARGE - 1))
  }
  await waitFor(() => origin.requests.length === 6, 'the uploads of another network')
  const greedy = origin.requests.filter(({ bodyLength }) => bodyLength < 1000)
  t.equal(greedy.length, 3)
  for (const other of others) other.write('x')
  for (const other of others) t.match(parseAnswer(await other.readToEnd()), { status: 200 })
  for (const client of clients) client.destroy()
  await matchRest(t, proxy, origin)
})

test('an upload comes whole, however slowly it comes', async (t) => {
  const { proxy, origin, clients, stop } = await startUploads(t, 3, {}, false)
  const begun = (): boolean => proxy.requests.every(({ bodySize }) => bodySize >= 5)
  await waitFor(() => proxy.requests.length === 3 && begun(), 'the beginnings')
  const rest = 'y'.repeat(LENGTH - stop())
  for (const client of clients) client.write(rest)
  for (const client of clients) t.match(await client.read('ok'), /^HTTP\/1.1 200 /)
  for (const request of origin.requests) t.equal((await request.body).length, LENGTH)
  for (const client of clients) client.destroy()
  await matchRest(t, proxy, origin)
})

test('a client that waits for an answer to what it sent of its body gets it', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
  const origin = await startOrigin(t, async (request, socket) => {
    await waitFor(() => request.bodyLength === 4, 'the question')
    socket.write(`${head}6\r\nanswer\r\n`)
    await request.body
    socket.write('0\r\n\r\n')
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const client = openClient(t, proxy)
  client.write(`${writeRequest(CHUNKED)}4\r\nask?\r\n`)
  await client.read('answer')
  client.write('0\r\n\r\n')
  await client.readToEnd()
  await matchRest(t, proxy, origin)
})

test('an upload that finds the share of uploads taken is told so, and the origin not blamed', async (t) => {
  const origin = await startOrigin(t, () => undefined)
  const events = recordEvents(t, HOST)
  const upstream = { target: origin.url, connections: 2, timeouts: { idle: 1 } }
  const proxy = await startProxy(t, { [HOST]: upstream })
  const first = openClient(t, proxy)
  first.write(`${writeRequest(CHUNKED)}1\r\nx\r\n`)
  const timer = setInterval(() => first.write('1\r\nx\r\n'), 100)
  t.teardown(() => clearInterval(timer))
  await waitFor(() => origin.requests.length === 1, 'the first one')
  const second = openClient(t, proxy)
  second.write(`${writeRequest(CHUNKED)}1\r\ny\r\n`)
  const refused = parseAnswer(await second.readToEnd())
  matchRefusal(t, refused, 503, origin)
  t.equal(headerOf(refused, 'retry-after'), '1')
  t.match(events.outcome, [{ result: 'pool timeout', attempts: 0 }])
  t.equal(origin.requests.length, 1)
  first.destroy()
  await matchRest(t, proxy, origin)
})

test('an upload that is complete takes what is kept from others', async (t) => {
  const origin = await startOrigin(t, async (request, socket) => {
    if (await request.body) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, connections: 2 } })
  const first = openClient(t, proxy)
  first.write(`${writeRequest(CHUNKED)}1\r\nx\r\n`)
  await waitFor(() => origin.requests.length === 1, 'the first one')
  const large = 'x'.repeat(100_000)
  const second = openClient(t, proxy)
  const headers = [`Content-Length: ${large.length}`]
  second.write(writeRequest({ host: HOST, method: 'POST', headers }) + large.slice(1))
  await waitFor(() => stateOf(proxy, HOST).pending === 1, 'the second one to wait for its share')
  first.write('0\r\n\r\n')
  t.match(parseAnswer(await first.readToEnd()), { status: 200 })
  await waitFor(() => origin.requests.length === 2, 'the second one')
  second.write('x')
  t.match(parseAnswer(await second.readToEnd()), { status: 200 })
  t.equal((await origin.requests[1]?.body)?.length, large.length)
  await matchRest(t, proxy, origin)
})

for (const [what, fail] of [
  ['503', (_request, socket) => void socket.write('HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n')],
  ['a reset', (_request, socket) => void socket.resetAndDestroy()]
] as const satisfies [string, Responder][]) {
  test(`an upload that is sent again after ${what} keeps no share of uploads`, async (t) => {
    const origin = await startOrigin(t, async (request, socket) => {
      if (request.method === 'PUT') {
        fail(request, socket)
      } else {
        await request.body
        await respond('ok')(request, socket)
      }
    })
    const settings = { target: origin.url, connections: 2, circuit_breaker: false as const }
    const proxy = await startProxy(t, { [HOST]: settings })
    const expecting = ['Expect: 100-continue', `Content-Length: ${LARGE}`]
    for (let at = 0; at < 3; at += 1) {
      await ask(proxy.port, { host: HOST, method: 'PUT', headers: expecting })
    }
    const before = origin.requests.length
    t.ok(before >= 6, 'each was sent again')
    const client = openClient(t, proxy)
    const headers = [`Content-Length: ${LARGE}`]
    client.write(writeRequest({ host: HOST, method: 'POST', headers }) + 'x'.repeat(LARGE - 1))
    await waitFor(() => origin.requests.length > before, 'an upload that is not complete')
    client.write('x')
    t.match(parseAnswer(await client.readToEnd()), { status: 200 })
    await matchRest(t, proxy, origin)
  })
}

test('a client whose uploads take all the room that it may have keeps no other from uploading', async (t) => {
  const origin = await startOrigin(t, respond('ok'))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, connections: 8 } }, { known })
  const upload = { host: HOST, method: 'POST', headers: ['Content-Length: 64000'] }
  const greedy = Array.from({ length: 280 }, () => openClient(t, proxy))
  for (const client of greedy) client.write(writeRequest(upload) + 'x'.repeat(60_000))
  const timer = setInterval(() => {
    for (const client of greedy) client.write('x')
  }, 500)
  t.teardown(() => clearInterval(timer))
  await waitFor(() => proxy.requests.length === 280 && heldBytes() >= 4_000_000, 'the uploads')
  const other = openClient(t, proxy)
  other.write(
    writeRequest({ ...upload, headers: ['Content-Length: 40000', 'X-Client: 192.0.2.2'] }) +
      'y'.repeat(20_000)
  )
  await waitFor(() => proxy.requests.at(-1)?.bodySize === 20_000, 'the beginning')
  other.write('y'.repeat(20_000))
  t.match(parseAnswer(await other.readToEnd()), { status: 200 })
  t.equal(origin.requests.length, 1, 'none of the others has taken a connection')
  t.ok(heldBytes() < 5_000_000, `${heldBytes()}`)
  clearInterval(timer)
  for (const client of greedy) client.destroy()
  await matchRest(t, proxy, origin)
  t.equal(heldBytes(), 0)
})
