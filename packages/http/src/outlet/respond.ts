import type { FastifyReply } from 'fastify'
import { withOwnHeaders } from './own-headers.ts'

/**
 * Sends a whole response, past Fastify's own `send` and its `onSend` hooks: one write of head and body where the body is
 * given as text. HEAD gets the head alone.
 *
 * @param headers name, value, name, value, …
 * @param text the body as one character per byte, where there is such a form of it
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
 * Sends the head of a response whose body is written to `reply.raw` piece by piece; `reply.bodySize` is then the
 * caller's to count. What it throws leaves the reply as it was, for an error page.
 */
export function beginResponse(
  reply: FastifyReply,
  status: number,
  headers: readonly string[]
): FastifyReply {
  reply.raw.writeHead(status, withOwnHeaders(reply, headers))
  return reply.hijack()
}
