import type { FastifyInstance, FastifyReply } from 'fastify'
import { replyHeaders } from '../node-internals/index.ts'

const ECHOES = Symbol('responses carry the request id')

/** Has every response carry its request's id as X-Request-ID. */
export function echoRequestId(fastify: FastifyInstance): void {
  if (fastify.hasDecorator(ECHOES)) return
  fastify.decorate(ECHOES, true)
  // For what Fastify sends; what leaves by the outlet gets it there, at a fraction of the cost.
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
}

/**
 * The header list of a response: what answers has set, the request's id where the app says so, and what
 * `reply.header()` has set, in this order.
 *
 * @param headers name, value, name, value, …: of the content or the origin, those of site and entry among them
 */
export function withOwnHeaders(reply: FastifyReply, headers: readonly string[]): string[] {
  const { server, request } = reply
  const all = ECHOES in server ? headers.concat('x-request-id', request.id) : headers.slice()
  const own = replyHeaders(reply)
  for (const name in own) {
    const value = own[name]
    if (name === 'x-request-id' && ECHOES in server) continue
    if (Array.isArray(value)) for (const one of value) all.push(name, one)
    else if (value !== undefined) all.push(name, String(value))
  }
  return all
}
