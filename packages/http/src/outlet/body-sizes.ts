import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * Bytes of the response body that were sent, before any transfer coding; for a response sent by Fastify, its
 * Content-Length.
 */
export function sentBytes(reply: FastifyReply): number {
  const { bodySize, raw } = reply
  if (bodySize !== 0 || !raw.writableFinished || !hasBody(raw)) return bodySize
  return Number(reply.getHeader('content-length')) || 0
}

/**
 * Bytes of the request body that were read; where they were not counted, its Content-Length, provided the body is
 * complete.
 */
export function receivedBytes({ bodySize, raw }: FastifyRequest): number {
  if (bodySize !== 0 || !raw.complete) return bodySize
  return Number(raw.headers['content-length'] ?? 0) || 0
}

function hasBody({ statusCode, req }: FastifyReply['raw']): boolean {
  return req.method !== 'HEAD' && statusCode !== 204 && statusCode !== 304
}
