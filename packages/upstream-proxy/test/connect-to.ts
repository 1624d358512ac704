import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { type Target, Upstream, type UpstreamInput } from '@reliw/model'
import type { TestContext } from '@reliw/testing'
import { connect, type Connection, type ConnectOptions } from '../src/connect/connect.ts'
import { NameResolver } from '../src/connect/resolver.ts'
import { loadTlsContext } from '../src/connect/tls-context.ts'
import { OriginFailure } from '../src/exchange.ts'

/** Connects to an upstream's only target, as the pool does. The connection ends with the test. */
export async function connectTo(
  t: TestContext,
  input: UpstreamInput,
  options: Partial<ConnectOptions> = {}
): Promise<Connection> {
  const settings = Upstream.parse(input)
  const [target] = settings.targets as [Target]
  const names = options.names ?? new NameResolver()
  t.teardown(() => names.close())
  const tls = target.scheme === 'https' ? { context: loadTlsContext(settings) } : {}
  const protocols = ['h2', 'http/1.1']
  const connection = await connect({ target, settings, names, protocols, ...tls, ...options })
  t.teardown(() => connection.socket.destroy())
  return connection
}

/** How connecting fails: as it may fail, or the test does. */
export async function failureOf(connecting: Promise<unknown>): Promise<OriginFailure> {
  const error = await connecting.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason
  )
  if (error instanceof OriginFailure && error.isUnsent) return error
  throw error
}

/** A listener for bare sockets on a loopback address. */
export interface RawServer {
  port: number
  /** All that ever connected. */
  sockets: Socket[]
  /** How many of them are open. */
  open: () => number
}

/** Listens until the test ends. `onSocket` gets each connection, which otherwise is only read. */
export async function listenRaw(
  t: TestContext,
  onSocket: (socket: Socket) => void = () => undefined
): Promise<RawServer> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.resume()
    onSocket(socket)
  })
  await listen(t, server)
  t.teardown(() => sockets.forEach((socket) => socket.destroy()))
  const open = (): number => sockets.filter(({ destroyed }) => !destroyed).length
  return { port: (server.address() as AddressInfo).port, sockets, open }
}

/** Lets any server listen, on a free port of 127.0.0.1 or at a path, until the test ends. */
export async function listen(t: TestContext, server: Server, path?: string): Promise<void> {
  server.listen(path === undefined ? { port: 0, host: '127.0.0.1' } : { path })
  await once(server, 'listening')
  t.teardown(() => server.close())
}
