import type { FastifyReply, FastifyRequest } from 'fastify'
import { BadFraming, BadHost, BadPath, NotImplemented, UriTooLong } from './errors.ts'
import type { LimitsSettings } from './options.ts'

/**
 * What no part of the server should have to look at: a framing, host, method or path that cannot be.
 */
export function findFault(
  { raw, facts }: FastifyRequest,
  reply: FastifyReply,
  { max_uri_length, escaped_path }: LimitsSettings
): Error | undefined {
  const { 'transfer-encoding': coding } = raw.headers
  if (coding !== undefined && !isChunked(coding, raw.httpVersion)) {
    reply.header('connection', 'close')
    return new BadFraming()
  }
  if (facts.host === undefined) return new BadHost()
  if (raw.method === 'CONNECT') return new NotImplemented()
  if ((raw.url ?? '').length > max_uri_length) return new UriTooLong()
  const isPath = facts.path !== '' && (!facts.isPathAmbiguous || escaped_path === 'pass')
  return isPath ? undefined : new BadPath()
}

/**
 * Whether a body ends where its chunks do. Node lets any other coding through (RFC 9112 6.3), and chunks of HTTP/1.0,
 * which say nothing (6.1).
 */
function isChunked(coding: string, version: string): boolean {
  return version !== '1.0' && /(?:^|,)[ \t]*chunked$/i.test(coding)
}
