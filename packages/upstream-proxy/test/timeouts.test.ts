import type { Socket } from 'node:net'
import type { UpstreamInput } from '@reliw/model'
import { respond, startOrigin, waitFor, type Responder } from '@reliw/testing'
import { test } from 'tap'
import { ask, headerOf, parseAnswer, writeRequest } from './answer.ts'
import { matchRefusal, matchRest, openClient, startProxy } from './app.ts'
import { startFullBacklog } from './full-backlog.ts'
import { recordEvents } from './recorded-events.ts'

const HOST = 'shop.test'
const ONCE: UpstreamInput = { retry: false, circuit_breaker: false }
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n'

/** Writes a byte at a time, without end, after `begin`. */
function dribble(begin: string): Responder {
  return (_request, socket) => {
    socket.write(begin)
    const timer = setInterval(() => socket.write('x'), 10)
    socket.once('close', () => clearInterval(timer))
  }
}

/** Resolves when the time of a timeout has passed. */
async function passed(ms: number): Promise<void> {
  const begun = performance.now()
  await waitFor(() => performance.now() - begun > ms, 'time to pass')
}

test('a head that comes byte by byte is late as a whole', async (t) => {
  const origin = await startOrigin(t, dribble('HTTP/1.1 200 OK\r\nX-A: '))
  const upstream = { target: origin.url, timeouts: { headers: 0.1 }, ...ONCE }
  const proxy = await startProxy(t, { [HOST]: upstream })
  matchRefusal(t, await ask(proxy.port, { host: HOST }), 504, origin)
  await matchRest(t, proxy, origin)
})

test('a body that stops coming breaks off', async (t) => {
  const origin = await startOrigin(t, (_request, socket) => void socket.write(`${HEAD}begun`))
  const upstream = { target: origin.url, timeouts: { idle: 0.1 }, ...ONCE }
  const proxy = await startProxy(t, { [HOST]: upstream })
  const answer = await ask(proxy.port, { host: HOST })
  t.match(answer, { status: 200, body: 'begun', isWhole: false })
  await matchRest(t, proxy, origin)
})

test('an answer that has begun may take its time', async (t) => {
  const { promise, resolve: end } = Promise.withResolvers<void>()
  const origin = await startOrigin(t, async (_request, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nbegun')
    await promise
    socket.write('ended')
  })
  const upstream = { target: origin.url, timeouts: { headers: 1, total: 1 }, ...ONCE }
  const proxy = await startProxy(t, { [HOST]: upstream })
  const client = openClient(t, proxy)
  client.write(writeRequest({ host: HOST }))
  const begun = await client.read('begun')
  await passed(1300)
  end()
  const answer = parseAnswer(begun + (await client.readToEnd()))
  t.match(answer, { status: 200, body: 'begunended', isWhole: true })
  await matchRest(t, proxy, origin)
})

test('all attempts together have one time', async (t) => {
  const port = await startFullBacklog(t)
  const proxy = await startProxy(t, {
    [HOST]: {
      target: `127.0.0.1:${port}`,
      retry: { max_attempts: 10, backoff: 0, max_backoff: 0 },
      timeouts: { connect: 0.1, total: 0.25 }
    }
  })
  matchRefusal(t, await ask(proxy.port, { host: HOST }), 504, { port })
  await matchRest(t, proxy)
})

test('a request that waits for a connection for too long is no failure of the origin', async (t) => {
  const origin = await startOrigin(t, dribble('HTTP/1.1 200 OK\r\n\r\n'))
  const upstream = {
    target: origin.url,
    connections: 1,
    timeouts: { total: 1 },
    retry: false as const
  }
  const events = recordEvents(t, HOST)
  const proxy = await startProxy(t, { [HOST]: upstream })
  const client = openClient(t, proxy)
  client.write(writeRequest({ host: HOST }))
  await client.read('\r\n\r\n')
  const refused = await ask(proxy.port, { host: HOST })
  matchRefusal(t, refused, 503, origin)
  t.equal(headerOf(refused, 'retry-after'), '1')
  t.match(events.outcome, [{ result: 'pool timeout', status: 503 }])
  t.equal(events.attempt.filter(({ failure }) => failure !== undefined).length, 0)
  t.equal(origin.requests.length, 1)
  client.destroy()
  await matchRest(t, proxy, origin)
})

test('an upload may take longer than an answer', async (t) => {
  const origin = await startOrigin(t, respond('done'))
  const upstream = { target: origin.url, timeouts: { headers: 1, total: 1 }, ...ONCE }
  const proxy = await startProxy(t, { [HOST]: upstream })
  const client = openClient(t, proxy)
  const headers = ['Content-Length: 10']
  client.write(`${writeRequest({ host: HOST, method: 'POST', headers })}begun`)
  await waitFor(() => origin.requests.length === 1, 'the request')
  await passed(1300)
  client.write('ended')
  t.match(parseAnswer(await client.readToEnd()), { status: 200, body: 'done' })
  await matchRest(t, proxy, origin)
})

test('an origin that takes no more of a body is late', async (t) => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<Socket>()
  const origin = await startOrigin(t, (_request, socket) => arrive(socket.pause()))
  const timeouts = { idle: 0.2, total: 0.1 }
  const upstream = { target: origin.url, timeouts, max_body_size: '100MiB', ...ONCE }
  const proxy = await startProxy(t, { [HOST]: upstream })
  const client = openClient(t, proxy)
  const length = 64 * 1024 * 1024
  client.write(writeRequest({ host: HOST, method: 'PUT', headers: [`Content-Length: ${length}`] }))
  client.write(Buffer.alloc(length))
  const answer = parseAnswer(await client.read('"}'))
  matchRefusal(t, answer, 504, origin)
  client.destroy()
  ;(await arrived).resume()
  await matchRest(t, proxy, origin)
})
