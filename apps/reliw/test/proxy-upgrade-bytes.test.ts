import type { Socket } from 'node:net'
import {
  openRaw,
  rawRequest,
  respond,
  startOrigin,
  type Origin,
  waitFor,
  type TestContext
} from '@reliw/testing'
import { test } from 'tap'
import { type Server, startServer } from './start-server.ts'
import { upgradeRequest } from './websockets.ts'

const SWITCH =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

/** An origin that upgrades when it is told to, and sends back every byte. */
async function startSwitching(t: TestContext): Promise<{ origin: Origin; agree: () => void }> {
  const { promise: agreed, resolve: agree } = Promise.withResolvers<void>()
  const origin = await startOrigin(t, async (request, connection: Socket) => {
    if (request.header('upgrade') === undefined) return respond('ordinary')(request, connection)
    request.detach()
    await agreed
    connection.write(SWITCH)
    connection.pipe(connection)
  })
  return { origin, agree }
}

async function startFor(t: TestContext, origin: Origin): Promise<Server> {
  return startServer(t, { 'PROXY:a.example': { target: origin.url } })
}

test('early bytes of a client are forwarded in order', async (t) => {
  const { origin, agree } = await startSwitching(t)
  const { port } = await startFor(t, origin)
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  client.write(`${upgradeRequest('/')}one `)
  await waitFor(() => origin.requests.length === 1, 'the request')
  client.write('two ')
  agree()
  t.match(await client.read('\r\n\r\n'), /^HTTP\/1\.1 101 /)
  client.write('three')
  t.equal(await client.read('three'), 'one two three')
})

test('a connection may be upgraded after ordinary requests', async (t) => {
  const { origin, agree } = await startSwitching(t)
  const { port } = await startFor(t, origin)
  agree()
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  for (let n = 0; n < 2; n++) {
    client.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n')
    await client.read('ordinary')
  }
  client.write(upgradeRequest('/'))
  await client.read('\r\n\r\n')
  client.write('echo')
  t.equal(await client.read('echo'), 'echo')
})

for (const [what, options] of Object.entries({
  'another method than GET': { method: 'DELETE' },
  'HTTP/1.0': { version: '1.0' }
})) {
  test(`an upgrade by ${what} is an ordinary request`, async (t) => {
    const { origin } = await startSwitching(t)
    const { port } = await startFor(t, origin)
    const response = await rawRequest(port, upgradeRequest('/', options), { until: 'ordinary' })
    t.match(response, /^HTTP\/1\.1 200 /)
  })
}

test('headers of a body are not among those of an upgrade', async (t) => {
  const origin = await startOrigin(t, (request, connection) => {
    request.detach()
    connection.write(SWITCH.replace('\r\n', '\r\nTrailer: x\r\nContent-Length: 5\r\nX-Own: 1\r\n'))
  })
  const { port } = await startFor(t, origin)
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  client.write(upgradeRequest('/'))
  const head = await client.read('\r\n\r\n')
  t.match(head, /^HTTP\/1\.1 101 [^]*\r\nx-own: 1\r\n/i)
  t.notMatch(head, /\r\n(trailer|content-length):/i)
})

test('clients that disconnect during an upgrade leave nothing behind', async (t) => {
  const origin = await startOrigin(t, () => undefined)
  const server = await startFor(t, origin)
  const clients = Array.from({ length: 20 }, () => openRaw(server.port))
  for (const client of clients) client.write(upgradeRequest('/'))
  await waitFor(() => origin.requests.length === clients.length, 'the requests')
  for (const [at, client] of clients.entries()) {
    if (at % 2 === 0) client.destroy()
    else client.socket.resetAndDestroy()
  }
  await waitFor(() => origin.connections === 0, 'the end of the origin’s connections')
  const lines = (): number => server.log.filter(({ aborted }) => aborted === true).length
  await waitFor(() => lines() === clients.length, 'their lines')
})
