import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { endSoonAfterLast } from '@reliw/http'
import type { FastifyReply } from 'fastify'

/** The last request of each connection that is to end. */
const lastRequests = new WeakMap<Socket, IncomingMessage>()

/**
 * Marks a request as the last one of its connection. security: the bytes after it may be part of its body, so they must
 * not be taken for a request.
 */
export function endAfter(raw: IncomingMessage): void {
  if (!lastRequests.has(raw.socket)) lastRequests.set(raw.socket, raw)
}

/** The request after which this request's connection ends. */
export function lastRequestOf({ socket }: IncomingMessage): IncomingMessage | undefined {
  return lastRequests.get(socket)
}

/**
 * Ends the connection after the response, which the client gets even if it continues to send: a connection closed with
 * unread bytes is reset, and data on its way to the client is lost (RFC 9112 9.6).
 */
export function makeLast(reply: FastifyReply): void {
  const { socket } = reply.raw
  if ('stream' in reply.raw) return
  reply.header('connection', 'close')
  endAfter(reply.request.raw)
  if (socket !== null) endSoonAfterLast(socket)
}
