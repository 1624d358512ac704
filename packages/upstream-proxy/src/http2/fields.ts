import type { OutgoingHttpHeaders } from 'node:http2'
import type { OriginRequest } from '../exchange.ts'
import { MAX_HEADER_LIST } from './session-options.ts'

/** Fields of a connection (RFC 9113 8.2.2), and fields that are written elsewhere; Node throws on some of them. */
const UNSENT = new Set([
  'connection',
  'content-length',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade'
])
/** Methods whose requests have a body, even if it is empty (RFC 9110 8.6). */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'QUERY'])
/** Size of a field beyond its name and value, in bytes (RFC 9113 6.5.2). */
const FIELD_OVERHEAD = 32

/** A request's fields as name, value, name, value, …; pseudo-headers first (RFC 9113 8.3.1). */
export function requestFields(request: OriginRequest): string[] {
  const { method, path, scheme, authority, headers, body } = request
  const fields = [':method', method, ':scheme', scheme, ':authority', authority, ':path', path]
  const length = body === undefined && WITH_BODY.has(method) ? 0 : body?.length
  if (length !== undefined) fields.push('content-length', String(length))
  pushSendable(fields, headers)
  return fields
}

/** A request's trailers, converted from name, value, name, value, … to the argument of `sendTrailers`. */
export function requestTrailers(trailers: readonly string[]): OutgoingHttpHeaders {
  const fields: string[] = []
  pushSendable(fields, trailers)
  // security: no prototype, because a field's name may be `__proto__`.
  const byName: Record<string, string[]> = Object.create(null)
  for (let at = 0; at < fields.length; at += 2) {
    const values = (byName[fields[at] ?? ''] ??= [])
    values.push(fields[at + 1] ?? '')
  }
  return byName
}

/**
 * The fields received from an origin, without the pseudo-headers.
 *
 * @param raw name, value, name, value, …
 * @returns undefined for more than `MAX_HEADER_LIST`: an origin is not bound to our settings until it has acknowledged
 * them
 */
export function receivedFields(raw: readonly string[]): string[] | undefined {
  const fields: string[] = []
  let size = 0
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? ''
    const value = raw[at + 1] ?? ''
    size += name.length + value.length + FIELD_OVERHEAD
    if (!name.startsWith(':')) fields.push(name, value)
  }
  return size > MAX_HEADER_LIST ? undefined : fields
}

function pushSendable(into: string[], fields: readonly string[]): void {
  for (let at = 0; at < fields.length; at += 2) {
    const name = (fields[at] ?? '').toLowerCase()
    const value = fields[at + 1] ?? ''
    if (name === 'te') {
      if (/(?:^|,)[ \t]*trailers[ \t]*(?:,|$)/i.test(value)) into.push(name, 'trailers')
    } else if (!name.startsWith(':') && !UNSENT.has(name)) {
      into.push(name, value)
    }
  }
}
