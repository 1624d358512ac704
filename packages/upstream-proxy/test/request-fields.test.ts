import { freePort, respond, startOrigin, waitFor } from '@reliw/testing'
import { test } from 'tap'
import { createTraceparents, isTraceparent } from '../src/index.ts'
import { ask, writeRequest } from './answer.ts'
import { askUntilRefused, matchRest, openClient, startProxy } from './app.ts'

const HOST = 'shop.test'
const CHUNKED = { host: HOST, method: 'POST', headers: ['Transfer-Encoding: chunked'] }

const chunk = (data: string): string => `${data.length.toString(16)}\r\n${data}\r\n`

test('a request says which upstream it was for, and which origin was asked', async (t) => {
  const origin = await startOrigin(t, respond('ok'))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  await ask(proxy.port, { host: HOST })
  await ask(proxy.port, { host: 'nobody.test' })
  const [forwarded, own] = proxy.requests
  t.strictSame(forwarded?.upstream, {
    name: HOST,
    origin: `127.0.0.1:${origin.port}`,
    headers: undefined
  })
  t.equal(own?.upstream, undefined)
  await matchRest(t, proxy, origin)
})

test('of several origins that were asked, the last one is named', async (t) => {
  const origin = await startOrigin(t, respond('ok'))
  const [first, second] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
  const retry = { max_attempts: 2 }
  const proxy = await startProxy(t, {
    [HOST]: { targets: [first, origin.url], retry },
    'dead.test': { targets: [first, second], retry }
  })
  t.equal((await ask(proxy.port, { host: HOST })).status, 200)
  t.equal((await ask(proxy.port, { host: 'dead.test' })).status, 502)
  const [answered, failed] = proxy.requests
  t.equal(answered?.upstream?.origin, `127.0.0.1:${origin.port}`)
  t.strictSame(failed?.upstream, { name: 'dead.test', origin: second, headers: undefined })
  await matchRest(t, proxy, origin)
})

test('a request that is refused for its upstream names it, and no origin', async (t) => {
  const origin = await startOrigin(t, respond('ok'))
  const silent = await startOrigin(t, (_request, socket) => {
    if (silent.requests.length === 1) socket.resetAndDestroy()
  })
  const breaker = { failure_threshold: 1, half_open_max_requests: 1 }
  const proxy = await startProxy(t, {
    [HOST]: { target: silent.url, retry: false, circuit_breaker: breaker },
    'small.test': { target: origin.url, max_body_size: 1, strip_prefix: '/api' }
  })
  t.equal((await ask(proxy.port, { host: HOST })).status, 502)
  t.equal((await askUntilRefused(t, proxy, silent, HOST)).status, 503)
  const long = { host: 'small.test', method: 'POST', path: '/api/', body: 'xx' }
  t.equal((await ask(proxy.port, long)).status, 413)
  t.equal((await ask(proxy.port, { host: 'small.test', path: '/' })).status, 404)
  t.strictSame(
    proxy.requests.slice(-3).map(({ upstream }) => upstream),
    [
      { name: HOST, origin: undefined, headers: undefined },
      { name: 'small.test', origin: undefined, headers: undefined },
      { name: 'small.test', origin: undefined, headers: undefined }
    ]
  )
  t.same(
    proxy.requests.slice(-3).map(({ bodySize }) => bodySize),
    [0, 0, 0],
    'the body was not read'
  )
  silent.closeConnections()
  await matchRest(t, proxy, origin)
})

test('a body is counted while it is read, however it is framed', async (t) => {
  const origin = await startOrigin(t, respond('ok'))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const { requests } = proxy
  await ask(proxy.port, { host: HOST })
  await ask(proxy.port, { host: HOST, method: 'POST', body: 'x'.repeat(200_000) })
  const client = openClient(t, proxy)
  client.write(writeRequest(CHUNKED) + chunk('one'))
  await waitFor(() => requests[2]?.bodySize === 3, 'the first chunk')
  client.write(`${chunk('three')}0\r\nX-Sum: 8\r\n\r\n`)
  await client.readToEnd()
  t.same(
    requests.map(({ bodySize }) => bodySize),
    [0, 200_000, 8]
  )
  await matchRest(t, proxy, origin)
})

test('of a body that turns out to be too long, what was read is counted', async (t) => {
  const origin = await startOrigin(t, respond('ok'))
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, max_body_size: 10 } })
  const client = openClient(t, proxy)
  client.write(writeRequest(CHUNKED) + chunk('x'.repeat(10)))
  await waitFor(() => proxy.requests[0]?.bodySize === 10, 'what is allowed')
  client.write(chunk('yyy'))
  t.match(await client.readToEnd(), /^HTTP\/1.1 413 /)
  t.equal(proxy.requests[0]?.bodySize, 13)
  await matchRest(t, proxy, origin)
})

test('of a tunnel, all is counted that the client sent', async (t) => {
  const origin = await startOrigin(t, (request, socket) => {
    request.detach()
    socket.on('data', (data) => socket.write(data))
    socket.write('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  const client = openClient(t, proxy)
  client.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`)
  await client.read('\r\n\r\n')
  client.write('hello')
  await client.read('hello')
  client.destroy()
  await waitFor(() => proxy.requests[0]?.bodySize === 5, 'the end of the tunnel')
  t.equal(proxy.requests[0]?.upstream?.origin, `127.0.0.1:${origin.port}`)
  await matchRest(t, proxy, origin)
})

test('origins get the traceparent that the server says, also when it is asked again', async (t) => {
  const origin = await startOrigin(t, respond('busy', {}, 503))
  const own = createTraceparents()()
  const given = '00-11111111111111111111111111111111-2222222222222222-00'
  const upstream = { target: origin.url, retry: { max_attempts: 2, backoff: 0 } }
  const proxy = await startProxy(
    t,
    { [HOST]: upstream },
    {
      known: () => ({ isPeerTrusted: true }),
      traceparent: ({ url }) => (url === '/own' ? own : undefined)
    }
  )
  const headers = [`traceparent: ${given}`, 'tracestate: a=1']
  await ask(proxy.port, { host: HOST, path: '/own', headers })
  await ask(proxy.port, { host: HOST, path: '/peer', headers })
  await ask(proxy.port, { host: HOST, path: '/none' })
  const sent = origin.requests.map((request) => [
    request.header('traceparent') ?? '',
    request.header('tracestate')
  ])
  t.same(sent.slice(0, 4), [
    [own, undefined],
    [own, undefined],
    [given, 'a=1'],
    [given, 'a=1']
  ])
  t.equal(sent.length, 6)
  for (const [made = ''] of sent.slice(4)) t.ok(isTraceparent(made) && made !== own, made)
  await matchRest(t, proxy, origin)
})
