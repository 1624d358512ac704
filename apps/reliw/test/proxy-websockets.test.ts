import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { networkInterfaces } from 'node:os'
import { waitFor, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import type { Config } from '../src/index.ts'
import type { ServerOptions, WebSocket } from 'ws'
import { type Server, startServer } from './start-server.ts'
import { closeOf, type EchoOrigin, exchange, openWebSocket, startEcho } from './websockets.ts'

interface Setup extends Server {
  origin: EchoOrigin
}

/** A server with one site, which is an echo. */
async function start(
  t: TestContext,
  options: ServerOptions = {},
  config: Config = {}
): Promise<Setup> {
  const origin = await startEcho(t, options)
  const values = { 'PROXY:a.example': { target: origin.target } }
  return { ...(await startServer(t, values, config)), origin }
}

/** The origin's end of a connection that is opened meanwhile. */
async function accepted({ origin }: Setup): Promise<[WebSocket, IncomingMessage]> {
  return (await once(origin.server, 'connection')) as [WebSocket, IncomingMessage]
}

test('messages are echoed unchanged', async (t) => {
  const { port } = await start(t)
  const socket = await openWebSocket(t, port)
  t.match(await exchange(socket, 'text ✓'), { data: Buffer.from('text ✓'), isBinary: false })
  const large = Buffer.alloc(1024 * 1024, 'reliw')
  for (const message of [large, Buffer.of(0, 255), Buffer.alloc(0)]) {
    const { data, isBinary } = await exchange(socket, message)
    t.ok(isBinary && message.equals(data), `${message.length} bytes`)
  }
})

test('both sides may ping', async (t) => {
  const setup = await start(t)
  const ends = accepted(setup)
  const client = await openWebSocket(t, setup.port)
  const [origin] = await ends
  for (const [from, to] of [
    [client, origin],
    [origin, client]
  ] as const) {
    const events = Promise.all([once(to, 'ping'), once(from, 'pong')])
    from.ping('are you there')
    t.same(await events, [[Buffer.from('are you there')], [Buffer.from('are you there')]])
  }
})

test('the origin chooses among the subprotocols that the client offers', async (t) => {
  const offered: string[][] = []
  const setup = await start(t, {
    handleProtocols(protocols) {
      offered.push([...protocols])
      return 'graphql-ws'
    }
  })
  const protocols = ['mqtt', 'graphql-ws', 'soap']
  const socket = await openWebSocket(t, setup.port, { protocols })
  t.equal(socket.protocol, 'graphql-ws')
  t.same(offered, [protocols])
})

test('the origin gets credentials and cookies, and learns who the client is', async (t) => {
  const setup = await start(t)
  const ends = accepted(setup)
  const headers = {
    authorization: 'Bearer secret',
    cookie: 'session=1; theme=dark',
    'x-forwarded-for': '198.51.100.1',
    'x-forwarded-proto': 'https'
  }
  await openWebSocket(t, setup.port, { path: '/chat?room=%C3%A9', headers })
  const [, request] = await ends
  t.equal(request.url, '/chat?room=%C3%A9')
  t.match(request.headers, {
    host: setup.origin.target,
    authorization: 'Bearer secret',
    cookie: 'session=1; theme=dark',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': 'a.example',
    'x-forwarded-proto': 'http',
    'x-real-ip': '127.0.0.1',
    'x-request-id': /^\S+$/,
    via: /^1\.1 reliw-/
  })
})

test('compression is between client and origin', async (t) => {
  const setup = await start(t, { perMessageDeflate: { threshold: 0 } })
  const socket = await openWebSocket(t, setup.port, { perMessageDeflate: { threshold: 0 } })
  t.match(socket.extensions, 'permessage-deflate')
  const message = Buffer.alloc(500_000, 'a')
  const { data } = await exchange(socket, message)
  t.ok(message.equals(data))
  socket.close()
  const { size } = await setup.line({ msg: 'request', status: 101 })
  t.ok(Number(size) > 0 && Number(size) < 50_000, 'it stayed compressed on its way')
})

test('the close code of one side reaches the other', async (t) => {
  const setup = await start(t)
  for (const closing of ['client', 'origin'] as const) {
    const ends = accepted(setup)
    const client = await openWebSocket(t, setup.port)
    const [origin] = await ends
    const codes = Promise.all([closeOf(client), closeOf(origin)])
    const side = { client, origin }[closing]
    side.close(4001, 'enough')
    t.strictSame(
      await codes,
      [
        [4001, 'enough'],
        [4001, 'enough']
      ],
      closing
    )
  }
})

test('when one side breaks off, so does the other', async (t) => {
  const setup = await start(t)
  for (const leaving of ['client', 'origin'] as const) {
    const ends = accepted(setup)
    const client = await openWebSocket(t, setup.port)
    const [origin] = await ends
    const codes = Promise.all([closeOf(client), closeOf(origin)])
    const side = { client, origin }[leaving]
    side.terminate()
    t.strictSame(
      (await codes).map(([code]) => code),
      [1006, 1006],
      leaving
    )
  }
})

test('two hundred sockets at once do not mix, and leave nothing behind', async (t) => {
  const setup = await start(t)
  const numbers = Array.from({ length: 200 }, (_, number) => String(number))
  const sockets = await Promise.all(numbers.map(async () => openWebSocket(t, setup.port)))
  const echo = async (message: string, at: number): Promise<string> => {
    const { data } = await exchange(sockets[at] as WebSocket, message)
    return String(data)
  }
  t.same(await Promise.all(numbers.map(echo)), numbers)
  const inFlight = (): number => setup.app.upstreams()[0]?.origins[0]?.inFlight ?? -1
  t.equal(inFlight(), 200)
  for (const socket of sockets) socket.close()
  await waitFor(() => inFlight() === 0, 'the end of all tunnels')
  const lines = (): number => setup.log.filter(({ status }) => status === 101).length
  await waitFor(() => lines() === 200, 'a line for each')
  t.notOk(
    setup.log.some(({ level }) => Number(level) > 30),
    'no complaint'
  )
})

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1')
)
test(
  'WebSockets work on the second address, too',
  { skip: !hasIpv6 && 'no ::1 here' },
  async (t) => {
    const setup = await start(t, {}, { ipv6: '::1' })
    const ends = accepted(setup)
    const socket = await openWebSocket(t, setup.port, { address: '[::1]' })
    t.match(await exchange(socket, 'hello'), { data: Buffer.from('hello') })
    const [, { headers }] = await ends
    t.equal(headers['x-forwarded-for'], '::1')
    socket.close()
    await setup.line({ msg: 'request', status: 101, client_ip: '::1' })
  }
)
