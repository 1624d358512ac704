import type { Socket } from 'node:net'
import type { WafAction } from '@reliw/model'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Blocked } from './errors.ts'

/** Applies an action to a blocked request: an error response, a redirect, or closing the connection. */
export function act(
  action: WafAction,
  request: FastifyRequest,
  reply: FastifyReply,
  next: (error: Error) => void
): void {
  if ('close' in action) {
    reply.hijack()
    reply.raw.destroy()
    // The mock socket of `inject` has no `destroy`. A response queued behind others has no socket: the request's is
    // used.
    const { socket }: { socket: Partial<Socket> } = request.raw
    socket.destroy?.()
  } else if ('redirect' in action) {
    reply.code(action.status).header('location', action.redirect)
    reply.header('cache-control', 'no-store').send()
  } else {
    next(Object.assign(new Blocked(), { statusCode: action.status }))
  }
}
