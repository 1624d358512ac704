import { withDashes } from '@reliw/http'
import { knownNames } from './known-names.ts'
import { isAsserted } from './request-kind.ts'

/** Usual values of Connection, which name only headers that are dropped anyway. */
const USUAL = new Set([
  'keep-alive',
  'Keep-Alive',
  'close',
  'Upgrade',
  'upgrade',
  'keep-alive, Upgrade'
])

/**
 * Reads a Connection header (RFC 9110 7.6.1).
 *
 * @param named the names from the message's other Connection headers
 * @returns the lower-case names of headers that must not be passed on, including `named`; undefined when there are none
 */
export function readConnection(
  value: string,
  named: Set<string> | undefined
): Set<string> | undefined {
  if (USUAL.has(value)) return named
  const names = named ?? new Set()
  for (const option of value.split(',')) names.add(option.trim().toLowerCase())
  return names
}

/**
 * Removes headers from a list, in place.
 *
 * @param headers name, value, name, value, …
 * @param names in lower case
 */
export function removeNamed(headers: string[], names: ReadonlySet<string>): void {
  let length = 0
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? ''
    if (names.has(name.toLowerCase())) continue
    headers[length] = name
    headers[length + 1] = headers[at + 1] ?? ''
    length += 2
  }
  headers.length = length
}

const FORBIDDEN = knownNames({
  framing: 'connection content-length keep-alive proxy-connection te trailer transfer-encoding',
  routing:
    'host forwarded max-forwards origin proxy referer traceparent tracestate upgrade via ' +
    'x-forwarded x-real-ip x-request-id',
  modifiers:
    'cache-control expect if-match if-modified-since if-none-match if-range ' +
    'if-unmodified-since pragma range',
  credentials:
    'authentication-info authorization cookie proxy-authenticate proxy-authentication-info ' +
    'proxy-authorization set-cookie www-authenticate',
  control: 'accept-ranges age alt-svc date expires location refresh retry-after vary warning',
  content: 'content-encoding content-location content-range content-type'
})
const FORBIDDEN_PREFIX = /^access-control-/

/**
 * Whether a field must not be a trailer (RFC 9110 6.5.1), because it frames or routes the message, identifies the
 * sender, or controls processing. security: those decisions were made before the trailers arrived.
 */
export function isForbiddenTrailer(name: string): boolean {
  if (FORBIDDEN.has(name)) return true
  const lower = name.toLowerCase()
  const dashed = withDashes(lower)
  if (FORBIDDEN.has(dashed) || isAsserted(dashed)) return true
  return FORBIDDEN_PREFIX.test(dashed) || lower.startsWith(':')
}

/** Removes forbidden trailers from name, value, name, value, … */
export function allowedTrailers(fields: readonly string[]): readonly string[] {
  if (fields.length === 0) return fields
  const allowed: string[] = []
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? ''
    if (!isForbiddenTrailer(name)) allowed.push(name, fields[at + 1] ?? '')
  }
  return allowed
}
