import type { TLSSocket } from 'node:tls'
import type { FastifyRequest } from 'fastify'
import { forwardedScheme } from '../headers/forwarded.ts'
import type { ReceivedRequest, Withheld } from '../headers/received-request.ts'
import type { ForwardContext } from './context.ts'

/** What is known of a request, for the rewriting of headers. */
export function receive(
  context: ForwardContext,
  request: FastifyRequest,
  withheld: Withheld | undefined
): ReceivedRequest {
  const { raw } = request
  const { headers, rawHeaders, httpVersion } = raw
  const isTrusted = context.isTrusted(request)
  return {
    rawHeaders,
    httpVersion,
    publicHost: publicHostOf(headers),
    isSecure: (raw.socket as TLSSocket).encrypted || (isTrusted && isForwardedHttps(headers)),
    clientOrigin: headers.origin,
    clientIp: context.clientIp(request),
    peerIp: context.peerIp(request),
    isTrusted,
    requestId: request.id,
    identity: context.identity(request),
    withheld,
    traceparent: context.traceparent(request)
  }
}

function isForwardedHttps(headers: FastifyRequest['raw']['headers']): boolean {
  const proto = headers['x-forwarded-proto']
  return typeof proto === 'string' && forwardedScheme(proto) === 'https'
}

/** The host that the client named, with its port. `host:` means `host` (RFC 3986 6.2.3), and is written like that. */
export function publicHostOf(headers: FastifyRequest['raw']['headers']): string {
  const host = headers.host ?? String(headers[':authority'] ?? '')
  return host.endsWith(':') ? host.slice(0, -1) : host
}
