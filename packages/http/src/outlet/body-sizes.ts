import type { FastifyReply, FastifyRequest } from 'fastify'

/** Bytes of the body that were sent, before any transfer coding; of what Fastify sent, its Content-Length. */
export function sentBytes(reply: FastifyReply): number {
  const { bodySize, raw } = reply
  if (bodySize !== 0 || !raw.headersSent || raw.req.method === 'HEAD') return bodySize
  return Number(reply.getHeader('content-length')) || 0
}

/** Bytes of the request's body that were read; where nobody counted them, its Content-Length, when it came to its end. */
export function receivedBytes({ bodySize, raw }: FastifyRequest): number {
  if (bodySize !== 0 || !raw.complete) return bodySize
  return Number(raw.headers['content-length'] ?? 0) || 0
}
