import type { FastifyReply, FastifyRequest } from 'fastify'
import { BadFraming, BadHost, BadPath, NotImplemented, UriTooLong } from './errors.ts'
import type { LimitsSettings } from './options.ts'

/** Finds a request that no other part of the server should have to handle: invalid framing, host, method or path. */
export function validateRequest(
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
 * Whether chunked framing determines the end of the body. Node accepts any other final transfer coding too (RFC 9112
 * 6.3), and Transfer-Encoding in HTTP/1.0, where it is unreliable (6.1).
 *
 * security: an upstream that frames the body differently would read a smuggled request out of it.
 */
function isChunked(coding: string, version: string): boolean {
  return version !== '1.0' && /(?:^|,)[ \t]*chunked$/i.test(coding)
}
