import { knownNames, withDashes } from './known-names.ts'
import { isAsserted } from './request-kind.ts'

/** Connection headers that name nothing which is not dropped anyway: almost all there are. */
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
 * @param named what other Connection headers of the message named
 * @returns the names of the headers that are not to be passed on, in lower case, with `named`;
 * undefined when there are none
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
 * Takes headers out of a list, in place.
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
 * Whether a field must not come after a body (RFC 9110 6.5.1): what frames or routes the message,
 * tells who sent it, or says how it is to be treated, since that was decided before.
 */
export function isForbiddenTrailer(name: string): boolean {
  if (FORBIDDEN.has(name)) return true
  const lower = name.toLowerCase()
  const dashed = withDashes(lower)
  if (FORBIDDEN.has(dashed) || isAsserted(dashed)) return true
  return FORBIDDEN_PREFIX.test(dashed) || lower.startsWith(':')
}

/** Trailers without the forbidden ones: name, value, name, value, … */
export function allowedTrailers(fields: readonly string[]): readonly string[] {
  if (fields.length === 0) return fields
  const allowed: string[] = []
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? ''
    if (!isForbiddenTrailer(name)) allowed.push(name, fields[at + 1] ?? '')
  }
  return allowed
}
