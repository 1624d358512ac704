import type { FastifyReply } from 'fastify'
import { withOwnHeaders } from './own-headers.ts'

/**
 * Sends a complete response, bypassing Fastify's `send` and its `onSend` hooks: head and body in a single write if the
 * body is given as text. For HEAD, only the head is sent.
 *
 * @param headers name, value, name, value, …
 * @param text the body with one character per byte, if it is available in that form
 */
export function respond(
  reply: FastifyReply,
  status: number,
  headers: readonly string[],
  body?: Buffer,
  text?: string
): void {
  const { raw } = beginResponse(reply, status, headers)
  if (body === undefined || raw.req.method === 'HEAD') return void raw.end()
  reply.bodySize = body.length
  if (text === undefined) raw.end(body)
  else raw.end(text, 'latin1')
}

/**
 * Sends the head of a response whose body is then written to `reply.raw` piece by piece; the caller has to count
 * `reply.bodySize`. If this throws, the reply is unchanged and an error page can be sent.
 */
export function beginResponse(
  reply: FastifyReply,
  status: number,
  headers: readonly string[]
): FastifyReply {
  reply.raw.writeHead(status, withOwnHeaders(reply, headers))
  return reply.hijack()
}
