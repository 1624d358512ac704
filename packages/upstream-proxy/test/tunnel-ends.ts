import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { openRaw, portOf, type RawClient, type TestContext } from '@reliw/testing'
import { Deadlines } from '../src/deadlines.ts'
import { Tunnel, type TunnelOptions, type TunnelSummary } from '../src/tunnel/tunnel.ts'

const NOTHING = Buffer.alloc(0)

/** A connection: the far end, which a test plays, and the near one, which a tunnel gets. */
export interface Connection {
  far: RawClient
  near: Socket
}

/** A tunnel between two connections. */
export interface OpenTunnel {
  tunnel: Tunnel
  client: Connection
  origin: Connection
  /** Resolves when `onClose` is called. */
  closed: Promise<TunnelSummary>
}

export async function openConnection(t: TestContext): Promise<Connection> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const far = openRaw(portOf(server))
  const [near] = await accepted
  server.close()
  t.teardown(() => far.destroy())
  t.teardown(() => near.destroy())
  return { far, near }
}

/** Deadlines that end with the test. */
export function startDeadlines(t: TestContext): Deadlines {
  const deadlines = new Deadlines()
  t.teardown(() => deadlines.close())
  return deadlines
}

/** The options of a tunnel that is never idle for too long, and the end of which is not waited for. */
export function tunnelOptions(
  client: Pick<Connection, 'near'>,
  origin: Pick<Connection, 'near'>,
  options: Partial<TunnelOptions> = {}
): TunnelOptions {
  return {
    client: client.near,
    origin: origin.near,
    clientHead: NOTHING,
    originHead: NOTHING,
    isWebSocket: false,
    idleTimeout: Infinity,
    onClose: () => undefined,
    ...options
  }
}

export async function openTunnel(
  t: TestContext,
  options: Partial<TunnelOptions> = {}
): Promise<OpenTunnel> {
  const [client, origin] = await Promise.all([openConnection(t), openConnection(t)])
  const { promise: closed, resolve: onClose } = Promise.withResolvers<TunnelSummary>()
  const whole = tunnelOptions(client, origin, { onClose, ...options })
  return { tunnel: new Tunnel(whole, startDeadlines(t)), client, origin, closed }
}

/** Starts a server that passes upgrade requests on to an origin; `open` joins what it answers 101. */
export async function startFront(
  t: TestContext,
  originPort: number,
  open: (options: TunnelOptions) => void
): Promise<number> {
  const server = createHttpServer()
  server.on('upgrade', (request, client: Socket, clientHead: Buffer) => {
    const near = connect(originPort, '127.0.0.1')
    t.teardown(() => near.destroy())
    const names = request.rawHeaders.filter((_, index) => index % 2 === 0)
    const lines = names.map((name, index) => `${name}: ${request.rawHeaders[index * 2 + 1]}\r\n`)
    near.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('')}\r\n`)
    near.once('data', (answer: Buffer) => {
      const end = answer.indexOf('\r\n\r\n') + 4
      client.write(answer.subarray(0, end))
      const heads = { clientHead, originHead: answer.subarray(end) }
      open(tunnelOptions({ near: client }, { near }, { ...heads, isWebSocket: true }))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  return portOf(server)
}
