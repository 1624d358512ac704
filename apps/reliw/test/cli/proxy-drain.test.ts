import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { openRaw, respond, startOrigin, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import type { Config } from '../../src/index.ts'
import { closeOf, exchange, openWebSocket, startEcho, upgradeRequest } from '../websockets.ts'
import { openSites } from '../site-writer.ts'
import { createWorkplace, type Served } from './run-cli.ts'
import { ask } from './serving.ts'

/** Starts a server whose hosts are forwarded to these targets. */
async function start(
  t: Test,
  targets: Record<string, string>,
  config: Config = {}
): Promise<Served> {
  const place = createWorkplace(t, config)
  const timeouts = { headers: '1h', total: '1h' }
  const values = Object.entries(targets).map(([host, target]) => [
    `PROXY:${host}`,
    { target, timeouts }
  ])
  await openSites(t, { dir: join(place.dir, 'reliw-store') }, Object.fromEntries(values))
  return place.serve()
}

t.test('requests in flight finish while the server drains', async (t) => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const slow = await startOrigin(t, async (request, connection) => {
    await begun
    await respond('the whole answer')(request, connection)
  })
  const echo = await startEcho(t)
  const server = await start(t, { 'a.example': slow.url, 'echo.example': echo.target })
  const socket = await openWebSocket(t, server.port, { site: 'echo.example' })
  const response = ask(server.port, '/')
  await waitFor(() => slow.requests.length === 1, 'the request')
  const exit = server.stop('SIGTERM')
  await server.line({ msg: 'draining' })
  t.equal(await openRaw(server.port).readToEnd(), '', 'no new connections')
  t.match(await exchange(socket, 'still here'), { data: Buffer.from('still here') })
  begin()
  t.match(await response, { status: 200, text: 'the whole answer' })
  socket.close(1000)
  t.equal(await exit, 0)
  await server.line({ msg: 'request', status: 101 })
})

t.test('WebSockets that are open after drain_timeout are closed with 1001', async (t) => {
  const { server: origin, target } = await startEcho(t)
  const server = await start(t, { 'a.example': target }, { drain_timeout: '1s' })
  const sockets = await Promise.all(Array.from({ length: 20 }, () => openWebSocket(t, server.port)))
  const codes = Promise.all([...sockets, ...origin.clients].map(closeOf))
  t.equal(await server.stop('SIGTERM'), 0)
  t.strictSame(new Set((await codes).map(([code]) => code)), new Set([1001]))
  t.equal(server.log.filter(({ status }) => status === 101).length, 20)
  await server.line({ msg: 'closed' })
})

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1')
)
t.test(
  'WebSockets of the second address are closed with 1001, too',
  { skip: !hasIpv6 && 'no ::1 here' },
  async (t) => {
    const { target } = await startEcho(t)
    const config = { drain_timeout: '1s', ipv6: '::1' }
    const server = await start(t, { 'a.example': target }, config)
    const closed = closeOf(await openWebSocket(t, server.port, { address: '[::1]' }))
    t.equal(await server.stop('SIGTERM'), 0)
    t.strictSame((await closed)[0], 1001)
  }
)

t.test('endless streams are aborted, and logged', async (t) => {
  const origin = await startOrigin(t, (_request, connection) => {
    connection.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n')
  })
  const server = await start(t, { 'a.example': origin.url }, { drain_timeout: '100ms' })
  const clients = Array.from({ length: 20 }, () => openRaw(server.port))
  for (const client of clients) client.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n')
  for (const client of clients) await client.read('data: 1\n\n')
  t.equal(await server.stop('SIGTERM'), 0)
  for (const client of clients) t.notMatch(await client.readToEnd(), '0\r\n\r\n', 'no end')
  t.equal(server.log.filter(({ aborted }) => aborted === true).length, clients.length)
})

t.test('a WebSocket that does not answer its close does not keep the server', async (t) => {
  const { target } = await startEcho(t)
  const server = await start(t, { 'a.example': target }, { drain_timeout: '100ms' })
  const client = openRaw(server.port)
  t.teardown(() => client.destroy())
  client.write(upgradeRequest('/'))
  await client.read('\r\n\r\n')
  t.equal(await server.stop('SIGTERM'), 0)
  t.equal(await client.readToEnd(), '\x88\x02\x03\xe9')
})

t.test('an upgrade that nobody answers does not keep the server', async (t) => {
  const origin = await startOrigin(t, () => undefined)
  const server = await start(t, { 'a.example': origin.url }, { drain_timeout: '100ms' })
  const client = openRaw(server.port)
  client.write(upgradeRequest('/'))
  await waitFor(() => origin.requests.length === 1, 'the upgrade')
  t.equal(await server.stop('SIGTERM'), 0)
  t.equal(await client.readToEnd(), '')
})

t.test('a response to an upgrade that is not read does not keep the server', async (t) => {
  const origin = await startOrigin(t, respond(Buffer.alloc(20_000_000), {}, 401))
  const server = await start(t, { 'a.example': origin.url }, { drain_timeout: '100ms' })
  const client = openRaw(server.port)
  t.teardown(() => client.destroy())
  client.write(upgradeRequest('/'))
  await client.read('\r\n\r\n')
  client.socket.pause()
  t.equal(await server.stop('SIGTERM'), 0)
})
