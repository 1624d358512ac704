import type { FastifyRequest } from 'fastify'
import type { ReceivedRequest, Withheld } from '../headers/received-request.ts'
import type { ForwardContext } from './context.ts'

/** Collects the data about a request that is needed to rewrite headers. */
export function receive(
  context: ForwardContext,
  request: FastifyRequest,
  withheld: Withheld | undefined
): ReceivedRequest {
  const { raw, identity } = request
  const { clientIp, sourceIp, isSecure, isPeerTrusted: isTrusted } = request.facts
  const { headers, rawHeaders, httpVersion } = raw
  return {
    rawHeaders,
    httpVersion,
    publicHost: publicHostOf(headers),
    isSecure,
    clientOrigin: headers.origin,
    clientIp,
    peerIp: sourceIp,
    isTrusted,
    requestId: request.id,
    identity,
    withheld,
    traceparent: context.traceparent(request)
  }
}

/**
 * The host named by the client, with its port. `host:` is equivalent to `host` (RFC 3986 6.2.3), and normalized to it.
 */
export function publicHostOf(headers: FastifyRequest['raw']['headers']): string {
  const host = headers.host ?? String(headers[':authority'] ?? '')
  return host.endsWith(':') ? host.slice(0, -1) : host
}
