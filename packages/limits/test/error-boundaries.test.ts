import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import {
  fail,
  openRaw,
  portOf,
  type RawClient,
  rawRequest,
  tempDir,
  type TestContext
} from '@reliw/testing'
import { test } from 'tap'
import { openStore } from '@reliw/store'
import { limitConnections } from '../src/connections/connections-per-ip.ts'
import { cutSlowReaders } from '../src/connections/slow-readers.ts'
import { BodyWatch } from '../src/connections/body-watch.ts'
import { handleConnect } from '../src/connections/connect-requests.ts'
import { serveHalfClosed } from '../src/connections/half-closed.ts'
import { respondInTurn } from '../src/connections/pipeline.ts'
import { get, startHolding } from './holding-server.ts'

interface Started {
  client: RawClient
  /** Fails unless another client is served. */
  lives: () => Promise<void>
}

/** A server that serves /; what throws is for the others. */
async function start(t: TestContext, others: RequestListener): Promise<Started> {
  const server: Server = createServer((request, response) => {
    // Later, so that the next request of the connection waits.
    if (request.url === '/') setImmediate(() => response.end('served'))
    else others(request, response)
  })
  respondInTurn(server)
  handleConnect(server)
  serveHalfClosed(server)
  t.teardown(() => server.close().closeAllConnections())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = openRaw(portOf(server))
  t.teardown(() => client.destroy())
  return {
    client,
    async lives() {
      await rawRequest(portOf(server), get('/'), { until: 'served' })
    }
  }
}

/** Calls the one, and from then on the other. */
function firstThen<T>(first: () => T, then: () => T): () => T {
  let call = first
  return () => {
    const now = call
    call = then
    return now()
  }
}

test('an error in the first request of a connection ends this connection only', async (t) => {
  const { client, lives } = await start(t, fail)
  client.write(get('/throw'))
  await client.readToEnd()
  await lives()
})

test('an error while counting a connection ends this connection only', async (t) => {
  const server = createServer((_request, response) => void response.end('served'))
  t.teardown(() => server.close().closeAllConnections())
  const isExempt = firstThen(fail, () => false)
  limitConnections(server, 10, isExempt)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = openRaw(portOf(server))
  t.teardown(() => client.destroy())
  client.write(get('/'))
  t.equal(await client.readToEnd(), '')
  await rawRequest(portOf(server), get('/'), { until: 'served' })
})

test('an error while reporting a slow reader ends its connection only', async (t) => {
  const server = createServer((request, response) => {
    response.end(request.url === '/' ? 'served' : Buffer.alloc(50_000_000))
  })
  t.teardown(() => server.close().closeAllConnections())
  cutSlowReaders(server, 200, fail)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = openRaw(portOf(server))
  t.teardown(() => client.destroy())
  const accepted = once(server, 'connection')
  client.socket.pause()
  client.write(get('/large'))
  const [socket] = await accepted
  if (!socket.closed) await once(socket, 'close')
  await rawRequest(portOf(server), get('/'), { until: 'served' })
})

test('an error in admission after the site was read is a 500 of this request only', async (t) => {
  const store = await openStore({ dir: tempDir(t) })
  t.teardown(() => store.close())
  const { app, send } = await startHolding(t, { max_concurrent_requests: 100, store })
  const { concurrency } = app.limits
  Object.assign(concurrency, { enter: fail })
  const first = send('/')
  t.match(await first.read('thrown on purpose'), /^HTTP\/1\.1 500 /)
  Reflect.deleteProperty(concurrency, 'enter')
  await send('/').read('served')
})

test('an error in a request that waited its turn ends its connection only', async (t) => {
  const { client, lives } = await start(t, fail)
  client.write(get('/') + get('/throw'))
  await client.readToEnd()
  await lives()
})

test('an error in CONNECT ends its connection only', async (t) => {
  const { client, lives } = await start(t, fail)
  client.write('CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n')
  await client.readToEnd()
  await lives()
})

test('an error while probing a half-closed client ends its connection only', async (t) => {
  const { client, lives } = await start(t, (_request, response) => {
    Object.assign(response, { writeContinue: fail })
  })
  client.write(get('/wait'))
  client.end()
  await client.readToEnd()
  await lives()
})

test('an error while counting a body ends its connection only', async (t) => {
  const watch = new BodyWatch({}, () => undefined)
  t.teardown(() => watch.close())
  const { client, lives } = await start(t, (request, response) => {
    watch.watch(request, response)
    Object.defineProperty(request, 'readableLength', { get: fail })
  })
  client.write('POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody')
  await client.readToEnd()
  await lives()
})

test('an error while releasing a place ends nothing', async (t) => {
  const { app, send } = await startHolding(t, { max_concurrent_requests: 100 })
  Object.assign(app.limits.concurrency, { leave: fail })
  await send('/').read('served')
  await send('/').read('served')
})
