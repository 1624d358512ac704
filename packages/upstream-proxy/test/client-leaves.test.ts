import { respond, startOrigin, waitFor, type Responder, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { ask, writeRequest } from './answer.ts'
import { matchRest, openClient, startProxy, stateOf } from './app.ts'
import { recordEvents } from './recorded-events.ts'

const HOST = 'shop.test'
const CHUNKED = { host: HOST, method: 'POST', headers: ['Transfer-Encoding: chunked'] }

async function startWith(t: TestContext, answer: Responder) {
  const origin = await startOrigin(t, answer)
  const events = recordEvents(t, HOST)
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } })
  return { origin, events, proxy, client: openClient(t, proxy) }
}

for (const [how, leave] of Object.entries({
  'closes its connection': 'destroy',
  'resets its connection': 'resetAndDestroy'
} as const)) {
  test(`a client that ${how} before the answer is not waited for`, async (t) => {
    const { proxy, origin, events, client } = await startWith(t, () => undefined)
    client.write(writeRequest({ host: HOST }))
    await waitFor(() => origin.requests.length === 1, 'the request')
    client.socket[leave]()
    await waitFor(() => origin.connections === 0, 'the end of the origin’s connection')
    t.match(events.attempt, [{ failure: 'client left' }])
    t.match(events.outcome, [{ result: 'client left', status: undefined, attempts: 1 }])
    t.equal(events.retry.length, 0)
    await matchRest(t, proxy, origin)
  })

  test(`a client that ${how} in the middle of its body ends the request`, async (t) => {
    const { proxy, origin, client } = await startWith(t, respond('never'))
    client.write(`${writeRequest(CHUNKED)}5\r\nbegun\r\n`)
    await waitFor(() => origin.requests[0]?.bodyLength === 5, 'the body')
    client.socket[leave]()
    await waitFor(() => origin.errors.length === 1, 'the origin to hear of it')
    t.equal(origin.requests[0]?.bodyLength, 5)
    await matchRest(t, proxy, origin)
  })

  test(`a client that ${how} in the middle of an answer stops it`, async (t) => {
    const { proxy, origin, events, client } = await startWith(t, (_request, socket) => {
      const write = (): void => {
        while (socket.writable && socket.write(Buffer.alloc(65_536)));
      }
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.on('drain', write)
      write()
    })
    client.write(writeRequest({ host: HOST }))
    await client.read('\r\n\r\n')
    client.socket[leave]()
    await waitFor(() => origin.connections === 0, 'the end of the origin’s connection')
    t.match(events.outcome, [{ result: 'client left' }])
    await matchRest(t, proxy, origin)
  })
}

test('a client that leaves while a retry waits is not asked for again', async (t) => {
  const origin = await startOrigin(t, respond('busy', {}, 503))
  const events = recordEvents(t, HOST)
  const retry = { backoff: '1h', max_backoff: '1h' }
  const timeouts = { total: '2h' }
  const proxy = await startProxy(t, { [HOST]: { target: origin.url, retry, timeouts } })
  const client = openClient(t, proxy)
  client.write(writeRequest({ host: HOST }))
  await waitFor(() => events.retry.length === 1, 'the pause before the retry')
  t.match(stateOf(proxy, HOST), { inFlight: 0, active: 0 })
  client.destroy()
  await waitFor(() => events.outcome.length === 1, 'the end of the request')
  t.match(events.outcome, [{ result: 'client left' }])
  t.equal(origin.requests.length, 1)
  await matchRest(t, proxy, origin)
})

test('requests in a row on one connection are answered in a row', async (t) => {
  const { proxy, origin, client } = await startWith(t, (request, socket) =>
    respond(`answer to ${request.target}`)(request, socket)
  )
  const paths = ['/1', '/2', '/3']
  const requests = paths.map((path) => writeRequest({ host: HOST, path }, 'keep-alive'))
  client.write(requests.join('') + writeRequest({ host: HOST, path: '/4' }))
  const bytes = await client.readToEnd()
  t.same(
    bytes.match(/answer to \/\d/g),
    ['/1', '/2', '/3', '/4'].map((path) => `answer to ${path}`)
  )
  await matchRest(t, proxy, origin)
})

test('an app that is closed lets what is under way come to its end', async (t) => {
  const { promise, resolve: release } = Promise.withResolvers<void>()
  const origin = await startOrigin(t, async (request, socket) => {
    if (request.target === '/slow') await promise
    await respond('done')(request, socket)
  })
  const proxy = await startProxy(t, { [HOST]: { target: origin.url } }, {}, 'idle')
  const slow = ask(proxy.port, { host: HOST, path: '/slow' })
  await waitFor(() => origin.requests.length === 1, 'the request')
  await ask(proxy.port, { host: HOST })
  const closing = proxy.app.close()
  await waitFor(() => !proxy.app.server.listening, 'it to listen no more')
  release()
  t.match(await slow, { status: 200, body: 'done', isWhole: true })
  await closing
  await waitFor(() => origin.connections === 0, 'the end of all connections')
})
