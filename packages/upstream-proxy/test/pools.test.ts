import { respond, startOrigin, waitFor, type Responder, type Origin } from '@reliw/testing'
import { test } from 'tap'
import { ask, headerOf, parseAnswer, writeRequest } from './answer.ts'
import { matchRefusal, matchRest, openClient, startProxy, stateOf } from './app.ts'
import { listenRaw } from './connect-to.ts'

const HOST = 'shop.test'

/** An answer that is given when the test says so. */
function held(): { answer: Responder; release: () => void } {
  const { promise, resolve: release } = Promise.withResolvers<void>()
  const answer: Responder = async (request, socket) => {
    await promise
    await respond('ok')(request, socket)
  }
  return { answer, release }
}

const arrived = (origin: Origin, count: number): Promise<true> =>
  waitFor(() => origin.requests.length === count, `${count} requests`)

test('an origin gets no more connections than it may, and all requests all the same', async (t) => {
  const { answer, release } = held()
  const origin = await startOrigin(t, answer)
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, connections: 4 } })
  const asking = Array.from({ length: 30 }, () => ask(proxy.port, { host: HOST }))
  await arrived(origin, 4)
  await waitFor(() => stateOf(proxy, HOST).pending === 26, 'the others to wait')
  t.match(stateOf(proxy, HOST), { active: 4, idle: 0, inFlight: 30 })
  release()
  const statuses = (await Promise.all(asking)).map(({ status }) => status)
  t.same(new Set(statuses), new Set([200]))
  t.equal(origin.accepted, 4)
  await matchRest(t, proxy, origin)
  t.match(stateOf(proxy, HOST), { active: 0, idle: 4 })
})

test('what finds no place to wait is refused at once', async (t) => {
  const { answer, release } = held()
  const origin = await startOrigin(t, answer)
  const upstream = { target: origin.url, connections: 2, max_pending: 1 }
  const proxy = await startProxy(t, { [HOST]: upstream })
  const asking = [ask(proxy.port, { host: HOST }), ask(proxy.port, { host: HOST })]
  await arrived(origin, 2)
  asking.push(ask(proxy.port, { host: HOST }))
  await waitFor(() => stateOf(proxy, HOST).pending === 1, 'one to wait')
  const refused = await ask(proxy.port, { host: HOST })
  matchRefusal(t, refused, 503, origin)
  t.equal(headerOf(refused, 'retry-after'), '1')
  release()
  for (const { status } of await Promise.all(asking)) t.equal(status, 200)
  await matchRest(t, proxy, origin)
})

test('those that find a connection do not have to wait for it, not even the first ones', async (t) => {
  const { answer, release } = held()
  const origin = await startOrigin(t, answer)
  const upstream = { target: origin.url, connections: 5, max_pending: 0 }
  const proxy = await startProxy(t, { [HOST]: upstream })
  const asking = Array.from({ length: 5 }, () => ask(proxy.port, { host: HOST }))
  await arrived(origin, 5)
  t.equal((await ask(proxy.port, { host: HOST })).status, 503)
  release()
  for (const { status } of await Promise.all(asking)) t.equal(status, 200)
  await matchRest(t, proxy, origin)
})

test('a client that leaves gives its place to others', async (t) => {
  const { answer, release } = held()
  const origin = await startOrigin(t, answer)
  const upstream = { target: origin.url, connections: 1, max_pending: 1 }
  const proxy = await startProxy(t, { [HOST]: upstream })
  const first = ask(proxy.port, { host: HOST })
  await arrived(origin, 1)
  const client = openClient(t, proxy)
  client.write(writeRequest({ host: HOST, path: '/left' }))
  await waitFor(() => stateOf(proxy, HOST).pending === 1, 'it to wait')
  client.destroy()
  await waitFor(() => stateOf(proxy, HOST).pending === 0, 'it to have left')
  const second = ask(proxy.port, { host: HOST })
  await waitFor(() => stateOf(proxy, HOST).pending === 1, 'another to wait')
  release()
  t.same([(await first).status, (await second).status], [200, 200])
  t.notOk(origin.requests.some(({ target }) => target === '/left'))
  await matchRest(t, proxy, origin)
})

test('a connection that is too old is used no more', async (t) => {
  const origin = await startOrigin(t, respond('ok'))
  const upstream = { target: origin.url, keep_alive_max_age: 0 }
  const proxy = await startProxy(t, { [HOST]: upstream })
  for (let times = 0; times < 3; times += 1) await ask(proxy.port, { host: HOST })
  t.equal(origin.accepted, 3)
  await matchRest(t, proxy, origin)
  t.equal(stateOf(proxy, HOST).idle, 0)
})

test('a connection that is idle for too long is closed', async (t) => {
  const origin = await startOrigin(t, respond('ok'))
  const upstream = { target: origin.url, keep_alive_timeout: 0.2 }
  const proxy = await startProxy(t, { [HOST]: upstream })
  await ask(proxy.port, { host: HOST })
  await waitFor(() => origin.connections === 0, 'the end of the connection')
  t.equal(stateOf(proxy, HOST).idle, 0)
  await matchRest(t, proxy, origin)
})

for (const hint of ['timeout=0', 'max=5, timeout=1']) {
  test(`an origin that announces when it closes is not raced to it: ${hint}`, async (t) => {
    const origin = await startOrigin(t, respond('ok', { 'Keep-Alive': hint }))
    const upstream = { target: origin.url, keep_alive_timeout: '1h' }
    const proxy = await startProxy(t, { [HOST]: upstream })
    for (let times = 0; times < 3; times += 1) await ask(proxy.port, { host: HOST })
    if (hint === 'timeout=0') t.equal(origin.accepted, 3)
    await waitFor(() => origin.connections === 0, 'the end of the connections')
    await matchRest(t, proxy, origin)
  })
}

test('an idle connection that must not be used makes room for one that may', async (t) => {
  const origin = await startOrigin(t, (request, socket) => {
    const headers = request.target === '/last' ? { 'Keep-Alive': 'timeout=0' } : {}
    return respond('ok', headers)(request, socket)
  })
  const upstream = { target: origin.url, connections: 1, timeouts: { total: 10 } }
  const proxy = await startProxy(t, { [HOST]: upstream })
  t.equal((await ask(proxy.port, { host: HOST, path: '/last' })).status, 200)
  t.equal((await ask(proxy.port, { host: HOST })).status, 200)
  t.equal(origin.accepted, 2)
  // What must not be sent twice is not trusted to one that was idle for more than two seconds.
  const idleSince = performance.now()
  await waitFor(() => performance.now() - idleSince > 2100, 'two seconds to pass')
  t.equal((await ask(proxy.port, { host: HOST, method: 'POST' })).status, 200)
  t.equal(origin.accepted, 3)
  await matchRest(t, proxy, origin)
})

test('an upgrade takes the place of an idle connection', async (t) => {
  const origin = await listenRaw(t, (socket) => {
    socket.on('data', (head: Buffer) => {
      const isUpgrade = head.includes('Upgrade: echo')
      if (!isUpgrade) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      else socket.end('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhi')
    })
  })
  const target = `127.0.0.1:${origin.port}`
  const proxy = await startProxy(t, { [HOST]: { target, connections: 1 } })
  t.equal((await ask(proxy.port, { host: HOST })).status, 200)
  const client = openClient(t, proxy)
  client.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`)
  const answer = parseAnswer(await client.readToEnd())
  t.match(answer.informations[0], /^HTTP\/1.1 101 /)
  client.destroy()
  await matchRest(t, proxy)
})
