import type { FastifyInstance, FastifyReply } from 'fastify'
import { applyHeaderRules } from '../header-rules/use-header-rules.ts'
import { replyHeaders } from '../node-internals/index.ts'

const ECHOES = Symbol('responses carry the request id')
const OUTLET = Symbol('most responses are sent by the outlet')

/** Adds X-Request-ID, with the request's id, to every response. */
export function echoRequestId(fastify: FastifyInstance): void {
  if (fastify.hasDecorator(ECHOES)) return
  fastify.decorate(ECHOES, true)
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!(OUTLET in reply.server)) reply.header('x-request-id', request.id)
    done()
  })
}

/**
 * Declares that the outlet sends most responses of an app. It then adds X-Request-ID itself, at a fraction of the cost
 * of `reply.header()`; only responses sent by Fastify need a hook, which costs more than setting the header early.
 */
export function useOutlet(fastify: FastifyInstance): void {
  if (fastify.hasDecorator(OUTLET)) return
  fastify.decorate(OUTLET, true)
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    if (ECHOES in reply.server) reply.header('x-request-id', request.id)
    done()
  })
}

/**
 * The header list of a response, in this order: the headers of the content or origin, to which the header rules of
 * site, entry and upstream are applied; X-Request-ID where the app adds it; and the headers set by `reply.header()`.
 *
 * @param headers name, value, name, value, …
 */
export function withOwnHeaders(
  reply: FastifyReply,
  status: number,
  headers: readonly string[]
): string[] {
  const { server, request } = reply
  const echoes = ECHOES in server
  const all = applyHeaderRules(reply, status, headers) ?? headers.slice()
  // Not `concat`, which V8 runs in C++ for values that are not arrays.
  if (echoes) all.push('x-request-id', request.id)
  const own = replyHeaders(reply)
  for (const name in own) {
    const value = own[name]
    if (echoes && name === 'x-request-id') continue
    if (Array.isArray(value)) for (const one of value) all.push(name, one)
    else if (value !== undefined) all.push(name, String(value))
  }
  return all
}
