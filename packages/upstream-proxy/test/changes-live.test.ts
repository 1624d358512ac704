import type { Socket } from 'node:net'
import type { Store } from '@reliw/model'
import { openStore } from '@reliw/store'
import {
  respond,
  startOrigin,
  tempDir,
  waitFor,
  type Responder,
  type TestContext
} from '@reliw/testing'
import { test } from 'tap'
import { ask, parseAnswer, writeRequest } from './answer.ts'
import { matchRest, openClient, startProxy, stateOf, storeUpstreams } from './app.ts'
import { recordEvents } from './recorded-events.ts'

const HOST = 'shop.test'

async function openTestStore(t: TestContext): Promise<Store> {
  const store = await openStore({ dir: tempDir(t) })
  t.teardown(() => store.close())
  return store
}

/** The next request is answered so: the notice of a change is on its way as long as it takes. */
async function becomes(port: number, body: string): Promise<void> {
  await waitFor(async () => (await ask(port, { host: HOST })).body === body, `"${body}"`)
}

test('a stream goes on to its end where it began, whatever becomes of its upstream', async (t) => {
  const { promise: streaming, resolve: stream } = Promise.withResolvers<Socket>()
  const old = await startOrigin(t, (request, socket) => {
    if (request.target !== '/stream') return respond('old')(request, socket)
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst')
    stream(socket)
  })
  const young = await startOrigin(t, respond('new'))
  const store = await openTestStore(t)
  const proxy = await startProxy(t, { [HOST]: { target: old.url } }, { store })
  await becomes(proxy.port, 'old')
  const client = openClient(t, proxy)
  client.write(writeRequest({ host: HOST, path: '/stream' }))
  const begun = await client.read('first')
  await ask(proxy.port, { host: HOST })
  await storeUpstreams(store, { [HOST]: { target: young.url } })
  await becomes(proxy.port, 'new')
  await waitFor(() => old.connections === 1, 'the end of the idle connection')
  ;(await streaming).write('after')
  const answer = parseAnswer(begun + (await client.readToEnd()))
  t.match(answer, { status: 200, body: 'firstafter', isWhole: true })
  await waitFor(() => old.connections === 0, 'the end of the stream’s connection')
  await matchRest(t, proxy, young)
})

test('requests that wait are served where they wait', async (t) => {
  const { promise, resolve: release } = Promise.withResolvers<void>()
  const answer: Responder = async (request, socket) => {
    if (request.target === '/slow') await promise
    await respond('old')(request, socket)
  }
  const old = await startOrigin(t, answer)
  const young = await startOrigin(t, respond('new'))
  const store = await openTestStore(t)
  const upstream = { target: old.url, connections: 1 }
  const proxy = await startProxy(t, { [HOST]: upstream }, { store })
  await becomes(proxy.port, 'old')
  const slow = [ask(proxy.port, { host: HOST, path: '/slow' })]
  await waitFor(() => old.requests.some(({ target }) => target === '/slow'), 'the request')
  slow.push(ask(proxy.port, { host: HOST, path: '/slow' }))
  await waitFor(() => stateOf(proxy, HOST).pending === 1, 'it to wait')
  await storeUpstreams(store, { [HOST]: { target: young.url } })
  await becomes(proxy.port, 'new')
  release()
  for (const one of slow) t.match(await one, { status: 200, body: 'old' })
  await waitFor(() => old.connections === 0, 'the end of all old connections')
  await matchRest(t, proxy, young)
})

test('a retry that waits is made where the request began', async (t) => {
  const old = await startOrigin(t, (request, socket) => {
    const isFirst = request.target === '/retry' && old.requests.at(-2)?.target !== '/retry'
    return respond('old', {}, isFirst ? 503 : 200)(request, socket)
  })
  const young = await startOrigin(t, respond('new'))
  const store = await openTestStore(t)
  const events = recordEvents(t, HOST)
  const upstream = { target: old.url, retry: { backoff: 0.3 } }
  const proxy = await startProxy(t, { [HOST]: upstream }, { store })
  await becomes(proxy.port, 'old')
  const retried = ask(proxy.port, { host: HOST, path: '/retry' })
  await waitFor(() => events.retry.length === 1, 'the pause')
  await storeUpstreams(store, { [HOST]: { target: young.url } })
  t.match(await retried, { status: 200, body: 'old' })
  await becomes(proxy.port, 'new')
  await waitFor(() => old.connections === 0, 'the end of all old connections')
  await matchRest(t, proxy, young)
})

test('a description that is written again as it was changes nothing', async (t) => {
  const origin = await startOrigin(t, respond('same'))
  const store = await openTestStore(t)
  const upstream = { target: origin.url }
  const proxy = await startProxy(t, { [HOST]: upstream }, { store })
  for (let times = 0; times < 3; times += 1) {
    await becomes(proxy.port, 'same')
    await storeUpstreams(store, { [HOST]: upstream })
  }
  t.equal(origin.accepted, 1)
  await matchRest(t, proxy, origin)
})

test('connections survive when the definition is evicted and read again', async (t) => {
  const origin = await startOrigin(t, respond('same'))
  const store = await openTestStore(t)
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } }, { store })
  for (let times = 0; times < 3; times += 1) {
    await becomes(proxy.port, 'same')
    const before = await store.sites.proxy(HOST)
    while (store.statistics.nodes > 0) store.shrink()
    t.not(await store.sites.proxy(HOST), before, 'another object')
  }
  t.equal(origin.accepted, 1)
  await matchRest(t, proxy, origin)
})

test('an upstream comes and goes with its key', async (t) => {
  const origin = await startOrigin(t, respond('of the origin'))
  const store = await openTestStore(t)
  const proxy = await startProxy(t, {}, { store })
  await becomes(proxy.port, 'of the app itself')
  await storeUpstreams(store, { [HOST]: { target: origin.url } })
  await becomes(proxy.port, 'of the origin')
  await store.driver.write([{ op: 'set', key: store.keys.proxy(HOST), value: '{"target": 1}' }])
  t.match(await ask(proxy.port, { host: HOST }), { status: 200 }, 'one that is wrong is no other')
  await store.driver.write([{ op: 'delete', key: store.keys.proxy(HOST) }])
  await becomes(proxy.port, 'of the app itself')
  await matchRest(t, proxy, origin)
})
