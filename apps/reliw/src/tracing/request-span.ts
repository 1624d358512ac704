import type { Attributes } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { clip } from './clip.ts'
import type { SpanText } from './span.ts'

/** The methods that the semantic conventions know; span names use no others. */
const METHODS = new Set('CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE'.split(' '))

/** The method for use in attributes: `_OTHER` for an unknown one. */
export function knownMethod(method: string | undefined): string {
  return method !== undefined && METHODS.has(method) ? method : '_OTHER'
}

/**
 * Name and attributes of the span of a request that has ended: by the semantic conventions for HTTP servers, and
 * `reliw.*`. No query string, credentials or user.
 */
export function describeRequest(request: FastifyRequest, reply: FastifyReply): SpanText {
  const { raw, facts, kind } = request
  const method = knownMethod(raw.method)
  const { statusCode, headersSent, writableFinished } = reply.raw
  const attributes: Attributes = {
    'http.request.method': method,
    'url.scheme': facts.isSecure ? 'https' : 'http',
    'network.protocol.version': raw.httpVersion === '2.0' ? '2' : raw.httpVersion,
    'reliw.request_id': request.id
  }
  // security: a raw target may be a whole URL with credentials in it, so only the path of the request's facts is used.
  if (facts.host) attributes['server.address'] = facts.host
  if (facts.path) attributes['url.path'] = clip(facts.path)
  if (facts.clientIp) attributes['client.address'] = facts.clientIp
  if (raw.headers['user-agent'] !== undefined)
    attributes['user_agent.original'] = clip(raw.headers['user-agent'])
  if (headersSent) attributes['http.response.status_code'] = statusCode
  const isError = headersSent && statusCode >= 500
  if (isError) attributes['error.type'] = String(statusCode)
  if (!writableFinished) attributes['reliw.aborted'] = true
  addOwn(attributes, request, kind)
  const verb = method === '_OTHER' ? 'HTTP' : method
  return { name: kind === undefined ? verb : `${verb} ${kind}`, attributes, isError }
}

/** Attributes that the semantic conventions do not have. */
function addOwn(attributes: Attributes, request: FastifyRequest, kind: string | undefined): void {
  const { upstream, cache, waf } = request
  if (kind !== undefined) attributes['reliw.kind'] = kind
  if (upstream !== undefined) attributes['reliw.upstream'] = upstream.name
  if (cache !== undefined) attributes['reliw.cache'] = cache
  if (waf !== undefined) attributes['reliw.waf'] = waf.action
}
