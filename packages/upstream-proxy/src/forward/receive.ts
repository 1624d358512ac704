import type { TLSSocket } from 'node:tls'
import type { FastifyRequest } from 'fastify'
import { forwardedScheme } from '../headers/forwarded.ts'
import type { ReceivedRequest } from '../headers/received-request.ts'
import type { ForwardContext } from './context.ts'

/** What is known of a request, for the rewriting of headers. */
export function receive(context: ForwardContext, request: FastifyRequest): ReceivedRequest {
  const { raw } = request
  const { headers, rawHeaders, httpVersion } = raw
  const isTrusted = context.isTrusted(request)
  const authority = headers[':authority']
  return {
    rawHeaders,
    httpVersion,
    publicHost: headers.host ?? (typeof authority === 'string' ? authority : ''),
    isSecure: (raw.socket as TLSSocket).encrypted || (isTrusted && isForwardedHttps(headers)),
    clientOrigin: headers.origin,
    clientIp: context.clientIp(request),
    peerIp: context.peerIp(request),
    isTrusted,
    requestId: request.id,
    identity: context.identity(request),
    traceparent: context.traceparent(request)
  }
}

function isForwardedHttps(headers: FastifyRequest['raw']['headers']): boolean {
  const proto = headers['x-forwarded-proto']
  return typeof proto === 'string' && forwardedScheme(proto) === 'https'
}
