import type { Socket } from 'node:net'
import type { WafAction } from '@reliw/model'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Blocked } from './errors.ts'

/** Answers a request that was blocked: with an error page, a redirect, or not at all. */
export function act(
  action: WafAction,
  request: FastifyRequest,
  reply: FastifyReply,
  next: (error: Error) => void
): void {
  if ('close' in action) {
    reply.hijack()
    reply.raw.destroy()
    // What stands in for a socket in tests has no such method; a response behind others has no socket.
    const { socket }: { socket: Partial<Socket> } = request.raw
    socket.destroy?.()
  } else if ('redirect' in action) {
    reply.code(action.status).header('location', action.redirect)
    reply.header('cache-control', 'no-store').send()
  } else {
    next(Object.assign(new Blocked(), { statusCode: action.status }))
  }
}
