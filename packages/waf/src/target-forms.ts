import { fullReading, pathReadings } from '@reliw/options'

/** Scheme and authority of a target in absolute form (RFC 9112 3.2.2). */
const BEFORE_PATH = /^https?:\/\/[^/?#]*/i
const NONE: readonly string[] = []

/**
 * The byte strings as which a program may read a target, other than the target itself: decoded once, and with each
 * reading of its path (`pathReadings`: decoded again, dot segments resolved, slashes merged, backslashes as slashes,
 * parameters removed). Without duplicates; most targets have none.
 */
export function targetForms(target: string): readonly string[] {
  const query = target.indexOf('?')
  const path = query === -1 ? target : target.slice(0, query)
  const before = path.startsWith('/') ? '' : (BEFORE_PATH.exec(path)?.[0] ?? path)
  const decoded = decodeOnce(target)
  const readings = readingsOf(path.slice(before.length), before !== '')
  if (readings.length === 0) return decoded === target ? NONE : [decoded]
  const rest = query === -1 ? '' : decodeOnce(target.slice(query))
  const forms = new Set([decoded, ...readings.map((reading) => reading + rest)])
  forms.delete(target)
  return [...forms]
}

function readingsOf(path: string, isAbsolute: boolean): readonly string[] {
  if (path === '') return NONE
  const readings = pathReadings(path) ?? [fullReading(path)]
  return !isAbsolute && readings.length === 1 && readings[0] === path ? NONE : readings
}

/** Decodes the escapes of a target once, and `+` in its query string to a space (URL Standard, 5.1). */
export function decodeOnce(target: string): string {
  const query = target.indexOf('?')
  if (query === -1 || !target.includes('+', query)) return decodeEscapes(target)
  const spaced = target.slice(query).replaceAll('+', ' ')
  return decodeEscapes(target.slice(0, query) + spaced)
}

/** Decodes `%XX` to a byte; anything else stays as it is (RFC 3986 2.1). */
function decodeEscapes(text: string): string {
  if (!text.includes('%')) return text
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16))
  )
}
