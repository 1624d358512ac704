import { once } from 'node:events'
import { portOf, type TestContext } from '@reliw/testing'
import { type ClientOptions, type ServerOptions, WebSocket, WebSocketServer } from 'ws'

/** An origin that sends back what it gets. */
export interface EchoOrigin {
  server: WebSocketServer
  /** As an upstream names it. */
  target: string
}

/** Starts one, on a port of its own or with a server that listens already. It ends with the test. */
export async function startEcho(t: TestContext, options: ServerOptions = {}): Promise<EchoOrigin> {
  const own = options.server === undefined ? { port: 0, host: '127.0.0.1' } : {}
  const server = new WebSocketServer({ ...own, ...options })
  if (options.server === undefined) await once(server, 'listening')
  t.teardown(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    socket.on('error', () => undefined)
  })
  return { server, target: `127.0.0.1:${portOf(server)}` }
}

export interface Opening extends ClientOptions {
  /** Default a.example. */
  site?: string
  path?: string
  protocols?: string[]
  /** The server's address. Default 127.0.0.1. */
  address?: string
}

/** A client's WebSocket that is not open yet. It ends with the test. */
export function newWebSocket(t: TestContext, port: number, opening: Opening = {}): WebSocket {
  const { site = 'a.example', path = '/', protocols, address = '127.0.0.1', ...options } = opening
  const headers = { host: site, ...options.headers }
  const socket = new WebSocket(`ws://${address}:${port}${path}`, protocols, { ...options, headers })
  t.teardown(() => socket.on('error', () => undefined).terminate())
  return socket
}

/** An open one. */
export async function openWebSocket(
  t: TestContext,
  port: number,
  opening?: Opening
): Promise<WebSocket> {
  const socket = newWebSocket(t, port, opening)
  await once(socket, 'open')
  return socket
}

/** The request that asks for one, as bytes. */
export function upgradeRequest(
  path: string,
  { host = 'a.example', method = 'GET', version = '1.1' } = {}
): string {
  const lines = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
  const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='
  return `${method} ${path} HTTP/${version}\r\nHost: ${host}\r\n${lines.join('\r\n')}\r\n${key}\r\n\r\n`
}

/** Sends a message, and resolves to the next one that comes. */
export async function exchange(
  socket: WebSocket,
  message: string | Buffer
): Promise<{ data: Buffer; isBinary: boolean }> {
  const answered = once(socket, 'message') as Promise<[Buffer, boolean]>
  socket.send(message)
  const [data, isBinary] = await answered
  return { data, isBinary }
}

/** Code and reason of a close. */
export async function closeOf(socket: WebSocket): Promise<[code: number, reason: string]> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
  return [code, String(reason)]
}
