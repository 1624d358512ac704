import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  currentResponse,
  endSoon,
  lastResponseOn,
  serveResponses,
  switchProtocols
} from '@reliw/http'
import { guarded } from '@reliw/options'
import type { FastifyReply } from 'fastify'
import type { Tunnels } from '../tunnel/tunnels.ts'
import { endAfter } from './last-request.ts'

/** A client's request to switch to another protocol. */
export interface UpgradeRequest {
  readonly protocol: string
  readonly socket: Socket
  /** Bytes that followed the head of the request. */
  readonly head: Buffer
}

const upgrades = new WeakMap<IncomingMessage, UpgradeRequest>()

/** The upgrade that a request asks for, if it was received as an upgrade. */
export function upgradeOf(raw: IncomingMessage): UpgradeRequest | undefined {
  return upgrades.get(raw)
}

/**
 * Whether a request may switch to another protocol: an HTTP/1.1 GET without a body, when no earlier request of its
 * connection is pending. All others are ordinary requests whose Upgrade header is ignored (RFC 9110 7.8). security:
 * `h2c` is ignored as well, because the requests in its tunnel would bypass the proxy.
 */
export function mayUpgrade(raw: IncomingMessage): boolean {
  const { method, httpVersion, headers, socket } = raw
  const hasBody =
    headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0
  const isFirst = currentResponse(socket) === undefined
  const isPlain = method === 'GET' && httpVersion === '1.1' && !hasBody && isFirst
  const { upgrade = '' } = headers
  // An empty list asks for nothing (RFC 9110 7.8).
  const may = isPlain && /[^\s,]/.test(upgrade) && !/\bh2c?\b/i.test(upgrade)
  // Node drops bytes that have arrived after such a request, and would parse later ones as requests.
  if (!may) endAfter(raw)
  return may
}

/** Creates the response to an upgrade request: an ordinary response, after which the connection ends. */
export function responseToUpgrade(
  raw: IncomingMessage,
  socket: Socket,
  head: Buffer
): ServerResponse {
  upgrades.set(raw, { protocol: raw.headers.upgrade ?? '', socket, head })
  const response = lastResponseOn(raw, socket)
  serveResponses(socket)
  socket.on('readable', lookForEnd).on('end', leave)
  response.once('finish', () => {
    if (response.statusCode === 101) return
    // A connection closed with unread bytes would be reset, and the end of the response lost (RFC 9112 9.6).
    socket.off('readable', lookForEnd).off('end', leave).resume()
    endSoon(socket)
  })
  return response
}

export interface TunnelRequest {
  readonly tunnels: Tunnels
  readonly raw: IncomingMessage
  readonly reply: FastifyReply
  /** The rewritten headers of the origin's 101. */
  readonly headers: readonly string[]
  /** The protocol that the origin switched to. */
  readonly protocol: string
  readonly origin: Duplex
  readonly originHead: Buffer
  /** In milliseconds. */
  readonly idleTimeout: number
  onClose(): void
}

/**
 * Passes the origin's 101 on and joins both connections.
 *
 * @returns false when the client did not ask for that protocol
 */
export function openTunnel(request: TunnelRequest): boolean {
  const { raw, reply, protocol, headers, origin, originHead, idleTimeout, tunnels } = request
  const upgrade = upgradeOf(raw)
  const asked = upgrade?.protocol
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
  if (upgrade === undefined || asked?.includes(protocol.toLowerCase()) !== true) return false
  const { socket, head: clientHead } = upgrade
  socket.off('readable', lookForEnd).off('end', leave)
  switchProtocols(reply, headers, protocol)
  const tunnel = tunnels.add({
    client: socket,
    origin,
    clientHead,
    originHead,
    isWebSocket: protocol.toLowerCase() === 'websocket',
    idleTimeout,
    onClose: () => request.onClose()
  })
  // Prepended, to run before the response's own listener: its log line reports the number of bytes.
  const onClose = (): void => {
    reply.request.bodySize = tunnel.bytesIn
    reply.bodySize = tunnel.bytesOut
  }
  socket.prependListener(
    'close',
    guarded(onClose, () => undefined)
  )
  return true
}

/** A disconnect is noticed only by reading. Bytes that arrive before the response stay unread. */
function lookForEnd(this: Socket): void {
  if (this.readableLength === 0) this.read()
}

function leave(this: Socket): void {
  this.destroy()
}
