import { isUtf8 } from 'node:buffer'

/** Readings of one path; a path with more of them is made to be misread. */
const MAX_READINGS = 32
/** How often a path is decoded for the whole of its escapes: `%252525…` takes one round for each `25`. */
const MAX_ROUNDS = 8

/** Bytes of a path that is looked at in so many ways. */
const MAX_LENGTH = 4096
/** Several ask for the readings of one request's path, one after the other. */
let latest: { path: string; readings: readonly string[] | undefined } | undefined

const ESCAPE = /%([0-9a-f]{2})/gi
const ESCAPE_BUT_SEPARATORS = /%(?!2f|5c)([0-9a-f]{2})/gi
const BAD_ESCAPE = /%(?![0-9a-f]{2})/i
/** Whether a path has anything that programs read differently; all others have one reading. */
const UNUSUAL = /[%;\\]|\/\.{0,2}(?:\/|$)/
/** Control bytes. What they cut off, or begin anew, is for no reader to guess. */
const CONTROL = /[^\P{Cc}\u0080-\u009F]/u
/** ASCII as two to four bytes of UTF-8, which careless decoders take for `/` and `.` (RFC 3629 10). */
const OVERLONG = /[\xC0\xC1][\x80-\xBF]|\xE0[\x80-\x9F]|\xF0[\x80-\x8F]/
/** A segment `..`; `%2e` is the same character (RFC 3986 6.2.2.2), and clients resolve both before they ask. */
const PARENT = /\/(?:\.|%2e){2}(?:[/;]|$)/i

/** What programs do with a path before they look it up, in the order in which most do it. */
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
 * Every path that a program may take the path of a request target for: what decoding its escapes once or several
 * times, with or without `%2F` and `%5C`, taking backslashes for slashes, cutting off parameters (`;x`) and what a
 * decoded `?` or `#` begins, merging slashes, resolving dot segments, and reading Latin-1 give, in any order.
 *
 * @param path without the query string, one character per byte
 * @returns byte strings, at most 32: the one with all of that done comes first. `undefined`: there are more, or the
 * path has more than 4,096 bytes
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
 * The path with all that {@link pathReadings} speaks of done to it until nothing changes, or eight times: the form for
 * a decision that looks at one form only. A byte string.
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
 * The readings of a request target that an origin may get as it is, though we would not look it up ourselves
 * (`checkPath`). Undefined where nobody may: what is no path, raw backslashes, segments `..` (`%2e%2e`), bad
 * escapes, control bytes escaped any number of times, overlong UTF-8, and what has no `pathReadings`. Never throws.
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

/** RFC 3986 5.2.4: nothing is above the root. */
function resolveDots(path: string): string {
  if (!path.includes('/.')) return path
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  const last = segments.at(-1)
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  }
  return `/${kept.join('/')}${(last === '.' || last === '..') && kept.length > 0 ? '/' : ''}`
}

/** What is no UTF-8 may be Latin-1: the text that it is then. */
function latin1ToUtf8(path: string): string {
  if (!/[\x80-\xFF]/.test(path)) return path
  const bytes = Buffer.from(path, 'latin1')
  return isUtf8(bytes) ? path : Buffer.from(path, 'utf8').toString('latin1')
}
