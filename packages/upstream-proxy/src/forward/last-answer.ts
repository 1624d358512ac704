import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { endSoonAfterLast } from '@reliw/http'
import type { FastifyReply } from 'fastify'

/** By connections: after which request they end. */
const lastRequests = new WeakMap<Socket, IncomingMessage>()

/** Nothing counts any more that comes on the connection after a request: nobody knows what it is a part of. */
export function endAfter(raw: IncomingMessage): void {
  if (!lastRequests.has(raw.socket)) lastRequests.set(raw.socket, raw)
}

/** The request after which the connection of this one ends. */
export function lastRequestOf({ socket }: IncomingMessage): IncomingMessage | undefined {
  return lastRequests.get(socket)
}

/**
 * Has the connection end with the answer, which the client gets also if it goes on sending: a connection that
 * is closed with bytes unread is reset, and what was on its way to the client is lost (RFC 9112 9.6).
 */
export function makeLast(reply: FastifyReply): void {
  const { socket } = reply.raw
  if ('stream' in reply.raw) return
  reply.header('connection', 'close')
  endAfter(reply.request.raw)
  if (socket !== null) endSoonAfterLast(socket)
}
