import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isIPv6 } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import { isAllowedHost } from './allowed-host.ts'

/**
 * Responds to a request. A rejection is logged; the client gets a 500, or, after the head was sent, a closed
 * connection.
 */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void

/** Limits for a few clients with short requests; times in milliseconds. */
const LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16 * 1024
}
const MAX_CONNECTIONS = 64
/** How long a client may read nothing of its response, in milliseconds. */
const SEND_TIMEOUT = 30_000

/** A listener for monitoring, separate from the app's own. Unknown paths get 404. */
export class Listener {
  readonly #server: Server

  /** @param names hosts by which it may be addressed, besides those of `isAllowedHost` */
  constructor(
    paths: Readonly<Record<string, Handler>>,
    names: readonly string[],
    log: FastifyBaseLogger
  ) {
    const allowed = new Set(names)
    this.#server = createServer(LIMITS, (request, response) => {
      const isAllowed = isAllowedHost(request.headers.host, allowed)
      const handler = isAllowed ? handlerOf(paths, request) : refuseHost
      // The body of a request is not read.
      if (request.headers['content-length'] ?? request.headers['transfer-encoding']) {
        response.setHeader('connection', 'close')
      }
      const respond = async (): Promise<void> => handler(request, response)
      respond().catch((err: unknown) => {
        log.error({ err }, 'scrape failed')
        if (response.headersSent) response.destroy()
        else sendText(response, 500, 'Internal Server Error\n')
      })
    })
    this.#server.maxConnections = MAX_CONNECTIONS
    this.#server.timeout = SEND_TIMEOUT
  }

  /** @returns the URL */
  async listen(ip: string, port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, ip, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    const { port: taken } = this.#server.address() as AddressInfo
    return `http://${isIPv6(ip) ? `[${ip}]` : ip}:${taken}`
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }
}

/** Responds with 421 (RFC 9110 15.5.20). */
function refuseHost(_request: IncomingMessage, response: ServerResponse): void {
  sendText(
    response,
    421,
    'Misdirected Request: use an IP address, or add this host to metrics.hosts\n'
  )
}

function handlerOf(
  paths: Readonly<Record<string, Handler>>,
  { url = '', method = '' }: IncomingMessage
): Handler {
  const [path = ''] = url.split('?', 1)
  const handler = Object.hasOwn(paths, path) ? paths[path] : undefined
  if (handler === undefined) return (_request, response) => sendText(response, 404, 'Not Found\n')
  if (method === 'GET' || method === 'HEAD') return handler
  return (_request, response) => {
    response.setHeader('allow', 'GET, HEAD')
    sendText(response, 405, 'Method Not Allowed\n')
  }
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store'
  })
  response.end(text)
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(`${JSON.stringify(value, undefined, 2)}\n`)
}
