import { isUtf8 } from 'node:buffer'

/** Maximum number of readings of a path; a path with more is crafted to be misread. */
const MAX_READINGS = 32
/** Maximum number of times that a whole path is decoded: `%252525…` takes one round for each `25`. */
const MAX_ROUNDS = 8

/** Maximum length of a path whose readings are determined, in bytes. */
const MAX_LENGTH = 4096
/** Memo of the latest result: several parts of the server ask for the same path in turn. */
let latest: { path: string; readings: readonly string[] | undefined } | undefined

const ESCAPE = /%([0-9a-f]{2})/gi
const ESCAPE_BUT_SEPARATORS = /%(?!2f|5c)([0-9a-f]{2})/gi
const BAD_ESCAPE = /%(?![0-9a-f]{2})/i
/** Characters that programs interpret differently; a path without them has a single reading. */
const UNUSUAL = /[%;\\]|\/\.{0,2}(?:\/|$)/
/** Control bytes: how programs treat the text after them cannot be predicted. */
const CONTROL = /[^\P{Cc}\u0080-\u009F]/u
/** security: ASCII encoded as two to four bytes of UTF-8; lenient decoders read `/` and `.` from it (RFC 3629 10). */
const OVERLONG = /[\xC0\xC1][\x80-\xBF]|\xE0[\x80-\x9F]|\xF0[\x80-\x8F]/
/**
 * A segment `..`, also written with `%2e`, which is the same character (RFC 3986 6.2.2.2); regular clients resolve both
 * before sending.
 */
const PARENT = /\/(?:\.|%2e){2}(?:[/;]|$)/i

/** The transformations that programs apply to a path before looking it up, in the most common order. */
const STEPS: readonly ((path: string) => string)[] = [
  (path) => decode(path, ESCAPE),
  (path) => path.replaceAll('\\', '/'),
  (path) => path.replace(/[?#].*$/s, ''),
  (path) => path.replaceAll(/;[^/]*/g, ''),
  (path) => path.replaceAll(/\/{2,}/g, '/'),
  resolveDots,
  (path) => decode(path, ESCAPE_BUT_SEPARATORS),
  latin1ToUtf8
]

/**
 * All paths that programs may derive from the path of a request target, by applying these in any order: decoding its
 * escapes once or several times, with or without `%2F` and `%5C`; taking backslashes for slashes; cutting off
 * parameters (`;x`) and everything from a decoded `?` or `#` on; merging slashes; resolving dot segments; reading
 * Latin-1.
 *
 * @param path without the query string, one character per byte
 * @returns at most 32 byte strings, the fully transformed one first. `undefined` when there are more, when repeated
 * transformation does not settle, or when the path is longer than 4,096 bytes
 */
export function pathReadings(path: string): readonly string[] | undefined {
  if (!UNUSUAL.test(path)) return [path]
  if (latest?.path !== path) latest = { path, readings: findReadings(path) }
  return latest.readings
}

function findReadings(path: string): readonly string[] | undefined {
  if (path.length > MAX_LENGTH) return undefined
  const full = fullReading(path)
  if (STEPS.some((step) => step(full) !== full)) return undefined
  const found = new Set([full])
  const todo = [decode(path, ESCAPE), decode(path, ESCAPE_BUT_SEPARATORS)]
  for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
    if (found.has(one)) continue
    found.add(one)
    if (found.size > MAX_READINGS) return undefined
    for (const step of STEPS) {
      const next = step(one)
      if (next !== one) todo.push(next)
    }
  }
  return [...found]
}

/**
 * The path after applying all transformations of {@link pathReadings} until nothing changes, at most eight times: the
 * form for a decision that uses a single form. A byte string.
 */
export function fullReading(path: string): string {
  let reading = path
  let before = ''
  for (let round = 0; round < MAX_ROUNDS && reading !== before; round++) {
    before = reading
    for (const step of STEPS) reading = step(reading)
  }
  return reading
}

/**
 * The readings of a request target that may be forwarded to an origin unchanged, although this server would not look it
 * up itself (`checkPath`). Undefined for a target that nothing may use: not a path, a raw backslash, a segment `..`
 * (`%2e%2e`) or `.;`, an invalid escape, a control byte escaped any number of times, overlong UTF-8, or no
 * `pathReadings`. Never throws.
 */
export function readTarget(target: string): readonly string[] | undefined {
  if (!/^\/[\x21\x22\x24-\x7E]*$/.test(target)) return undefined
  const query = target.indexOf('?')
  const path = query === -1 ? target : target.slice(0, query)
  if (path.includes('\\') || PARENT.test(path) || path.includes('/.;')) return undefined
  if (BAD_ESCAPE.test(path)) return undefined
  const readings = pathReadings(path)
  return readings?.some((one) => CONTROL.test(one) || OVERLONG.test(one)) ? undefined : readings
}

function decode(path: string, escapes: RegExp): string {
  if (!path.includes('%')) return path
  return path.replaceAll(escapes, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** Removes dot segments (RFC 3986 5.2.4); `..` at the root stays at the root. */
function resolveDots(path: string): string {
  if (!path.includes('/.')) return path
  const resolved: string[] = []
  const segments = path.split('/').slice(1)
  const last = segments.at(-1)
  for (const segment of segments) {
    if (segment === '..') resolved.pop()
    else if (segment !== '.') resolved.push(segment)
  }
  return `/${resolved.join('/')}${(last === '.' || last === '..') && resolved.length > 0 ? '/' : ''}`
}

/** Converts a path that is not valid UTF-8 from Latin-1. */
function latin1ToUtf8(path: string): string {
  if (!/[\x80-\xFF]/.test(path)) return path
  const bytes = Buffer.from(path, 'latin1')
  return isUtf8(bytes) ? path : Buffer.from(path, 'utf8').toString('latin1')
}
