import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { openRaw, portOf, type RawClient, type TestContext } from '@reliw/testing'
import type { CutReason } from '../src/connections/body-limits.ts'
import { BodyWatch, type BodyWatchOptions } from '../src/connections/body-watch.ts'
import { endSlowRequest } from '../src/connections/end-slow-request.ts'

/** A server on a port of loopback whose bodies are watched. */
export interface WatchedServer {
  readonly server: Server
  readonly port: number
  readonly watch: BodyWatch
  /** Why clients were cut off, as `path reason`. */
  readonly cuts: string[]
}

/** Has a server listen on a port of loopback. It ends with the test. */
export async function listen(t: TestContext, server: Server): Promise<number> {
  // Whoever breaks a connection in a test wants no more of it.
  server.on('clientError', (_error, socket) => void socket.destroy())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.close()
    server.closeAllConnections()
    if (server.listening) await once(server, 'close')
  })
  return portOf(server)
}

/** Path of the clients by which a test measures time; their cuts are not listed. */
const CLOCK = '/clock'

/** Starts a server without node's own limits. */
export async function startWatched(
  t: TestContext,
  limits: BodyWatchOptions,
  handle: RequestListener,
  options: ServerOptions = {}
): Promise<WatchedServer> {
  const cuts: string[] = []
  const watch = new BodyWatch(
    { interval: 10, ...limits },
    (request, response, reason: CutReason, id) => {
      if (request.url !== CLOCK) cuts.push(`${request.url} ${reason}`)
      endSlowRequest(response, id)
    }
  )
  t.teardown(() => watch.close())
  const server = createServer({ requestTimeout: 0, ...options }, (request, response) => {
    watch.watch(request, response, `id-of-${request.url?.slice(1)}`)
    if (request.url === CLOCK) request.resume()
    else handle(request, response)
  })
  return { server, port: await listen(t, server), watch, cuts }
}

/** A client's connection. It ends with the test. */
export function open(t: TestContext, port: number): RawClient {
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  return client
}

export function post(path: string, framing: string, body = ''): string {
  return `POST ${path} HTTP/1.1\r\nHost: a.test\r\n${framing}\r\n\r\n${body}`
}

/** Sends bytes again and again until the connection is closed. */
export function dribble(client: RawClient, bytes: string | Uint8Array, every = 5): void {
  const timer = setInterval(() => {
    if (client.socket.writable) client.write(bytes)
  }, every)
  client.socket.once('close', () => clearInterval(timer))
}

/** Resolves when a client that stops in its body, from now on, has been cut off. */
export async function outlastSilence(t: TestContext, { port }: WatchedServer): Promise<void> {
  const client = open(t, port)
  client.write(post(CLOCK, 'Content-Length: 10', '01234'))
  await client.read('408 Request Timeout\n')
  client.destroy()
}

/** Reads the head of a response, and past so many bytes of its body, which must not all be kept. */
export async function readPast(client: RawClient, bytes: number): Promise<void> {
  await client.read('\r\n\r\n')
  let left = bytes
  while (left > 0) left -= (await client.read(/^[^]+/)).length
}
