import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { ByteReader } from './byte-reader.ts'
import { freePort } from './free-port.ts'
import { ReceivedRequest } from './received-request.ts'
import type { TestContext } from './test-context.ts'

/**
 * Is called when the head of a request has come, and writes what it wants to the connection. The
 * next request is read when this one's body has come, and what is returned has settled.
 */
export type Responder = (request: ReceivedRequest, connection: Socket) => void | Promise<void>

export interface OriginOptions {
  /** Speaks TLS, with the certificate that is among these. */
  tls?: TlsOptions
  /** Listens on a Unix socket instead of a port. */
  path?: string
  /** The IP address to listen on. Default 127.0.0.1. */
  host?: string
}

const MAX_HEAD = 1024 * 1024
const ATTEMPTS = 10

/** Starts an origin that responds with bytes. It ends with the test. */
export async function startOrigin(
  t: TestContext,
  responder: Responder,
  options: OriginOptions = {}
): Promise<Origin> {
  for (let attempt = 1; ; attempt += 1) {
    const origin = new Origin(responder, options, options.path === undefined ? await freePort() : 0)
    try {
      await origin.start()
      t.teardown(() => origin.stop())
      return origin
    } catch (error) {
      if (attempt === ATTEMPTS || options.path !== undefined) throw error
    }
  }
}

/** A plain response: it waits for the request's body, and keeps the connection. */
export function respond(
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  status = 200
): Responder {
  const lines = Object.entries({ 'content-length': `${Buffer.byteLength(body)}`, ...headers })
  const fields = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = Buffer.from(`HTTP/1.1 ${status} Scripted\r\n${fields}\r\n`, 'latin1')
  const whole = Buffer.concat([head, Buffer.from(body)])
  return async (request, connection) => {
    await request.body
    connection.write(request.method === 'HEAD' ? head : whole)
  }
}

/** An origin for tests that care about bytes; made by `startOrigin`. */
export class Origin {
  /** 0 for a Unix socket. */
  readonly port: number
  /** `http://host:port`, `https://host:port`, or `unix:/path`. */
  readonly url: string
  /** Every request whose head was valid, in the order in which they came. */
  readonly requests: ReceivedRequest[] = []
  /** What was not valid, requests that broke off included; each ended its connection. */
  readonly errors: Error[] = []
  readonly #responder: Responder
  readonly #options: OriginOptions
  readonly #readers: ByteReader[] = []
  readonly #open = new Set<Socket>()
  #server: Server | undefined
  /** That neither the server nor a connection is open any more. */
  #closed: Promise<unknown> | undefined
  #accepted = 0

  constructor(responder: Responder, options: OriginOptions, port: number) {
    const { host = '127.0.0.1', path, tls } = options
    const scheme = tls === undefined ? 'http' : 'https'
    const name = host.includes(':') ? `[${host}]` : host
    this.port = port
    this.url = path === undefined ? `${scheme}://${name}:${port}` : `unix:${path}`
    this.#responder = responder
    this.#options = options
  }

  /** How many connections are open now. */
  get connections(): number {
    return this.#open.size
  }

  /** How many connections there ever were, those included whose TLS handshake failed. */
  get accepted(): number {
    return this.#accepted
  }

  /** The first 4 MiB that came on each connection, decrypted, in the order of the connections. */
  get connectionBytes(): Buffer[] {
    return this.#readers.map(({ record }) => record)
  }

  /** Listens, at first and after `close` or `stop`: on the same port again. */
  async start(): Promise<void> {
    const { host = '127.0.0.1', path, tls } = this.#options
    const serve = (socket: Socket): void => void this.#serve(socket)
    const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve)
    server.on('connection', (socket: Socket) => this.#accept(socket))
    server.listen(path === undefined ? { host, port: this.port } : { path })
    await once(server, 'listening')
    this.#server = server
    this.#closed = once(server, 'close')
  }

  /** Takes no connections any more; those that are open stay. */
  close(): void {
    this.#server?.close()
  }

  /** Destroys the open connections. */
  closeConnections(): void {
    for (const socket of this.#open) socket.destroy()
  }

  /** Takes no connections any more, and destroys the open ones. */
  async stop(): Promise<void> {
    this.close()
    this.closeConnections()
    await this.#closed
  }

  #accept(socket: Socket): void {
    this.#accepted += 1
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
    socket.on('error', () => undefined)
  }

  async #serve(socket: Socket): Promise<void> {
    const reader = new ByteReader()
    const connection = this.#readers.push(reader) - 1
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => reader.push(chunk))
    for (const event of ['end', 'close']) socket.once(event, () => reader.end())
    try {
      for (;;) {
        const head = await reader.readThrough('\r\n\r\n', MAX_HEAD)
        if (head === undefined) return
        const request = new ReceivedRequest(head, connection, reader)
        this.requests.push(request)
        await Promise.all([this.#responder(request, socket), request.body])
      }
    } catch (error) {
      this.errors.push(error as Error)
      socket.destroy()
    }
  }
}
