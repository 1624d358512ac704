import type { Attributes } from '@opentelemetry/api'
import type { AttemptEvent } from '@reliw/upstream-proxy'
import type { SpanText } from './span.ts'

/** The lowest status that is an error to an HTTP client. */
const FIRST_ERROR = 400

/**
 * Name and attributes of the span of an attempt at an origin, by the semantic conventions for HTTP clients. An attempt
 * that ended because our own client left is not an error.
 *
 * @param method a method as `knownMethod` returns it
 */
export function describeAttempt(method: string, event: AttemptEvent): SpanText {
  const { origin, attempt, status, failure } = event
  const attributes: Attributes = {
    'http.request.method': method,
    ...addressOf(origin),
    'reliw.upstream': event.upstream
  }
  if (attempt > 1) attributes['http.request.resend_count'] = attempt - 1
  if (status !== undefined) attributes['http.response.status_code'] = status
  const isBadStatus = status !== undefined && status >= FIRST_ERROR
  const type = failure ?? (isBadStatus ? String(status) : undefined)
  if (type !== undefined) attributes['error.type'] = type
  const isError = type !== undefined && failure !== 'client left'
  return { name: method === '_OTHER' ? 'HTTP' : method, attributes, isError }
}

/** Attributes for `host:port`, `[address]:port`, or the path of a Unix socket. */
function addressOf(origin: string): Attributes {
  const [, address, port] = /^\[?(.+?)\]?:(\d+)$/.exec(origin) ?? []
  if (address === undefined) return { 'server.address': origin }
  return { 'server.address': address, 'server.port': Number(port) }
}
