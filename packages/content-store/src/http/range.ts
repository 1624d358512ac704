/** Single byte ranges: RFC 9110 14.1.2, 14.2, and If-Range of 13.1.5. */
import { isWeak } from './etag.ts'
import { parseHttpDate } from './http-date.ts'

/** What the ranges of one representation are measured against. */
export interface RangeTarget {
  /** Bytes. */
  size: number
  etag: string
  /** Milliseconds since the epoch. */
  lastModified?: number | undefined
}

/** Offsets in bytes; `end` is the last byte that is sent, as in Content-Range. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * Reads a Range header: the range to answer 206, `'unsatisfiable'` to answer 416, or undefined to
 * answer in full: no header, another unit, several ranges, a malformed one, or an If-Range that
 * names another representation.
 */
export function parseRange(
  header: string | undefined,
  ifRange: string | undefined,
  target: RangeTarget
): ByteRange | 'unsatisfiable' | undefined {
  if (header === undefined) return undefined
  if (ifRange !== undefined && !isSameRepresentation(ifRange, target)) return undefined
  const [, first = '', last = ''] = singleRange.exec(header) ?? []
  if (first !== '')
    return rangeFrom(Number(first), last === '' ? Infinity : Number(last), target.size)
  return last === '' ? undefined : rangeOfLast(Number(last), target.size)
}

/** Units are case-insensitive; a second range or any other disorder does not match. */
const singleRange = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

function rangeFrom(start: number, last: number, size: number) {
  if (last < start) return undefined
  if (start >= size) return 'unsatisfiable'
  return { start, end: Math.min(last, size - 1) }
}

function rangeOfLast(length: number, size: number) {
  if (length === 0) return 'unsatisfiable'
  // Satisfiable by the RFC, yet no Content-Range can name a byte of an empty body.
  if (size === 0) return undefined
  return { start: Math.max(size - length, 0), end: size - 1 }
}

/** Strong comparison for a tag, exact equality of seconds for a date (RFC 9110 13.1.5). */
function isSameRepresentation(ifRange: string, { etag, lastModified }: RangeTarget): boolean {
  const validator = ifRange.trim()
  if (validator.includes('"')) return validator === etag && !isWeak(etag)
  if (lastModified === undefined) return false
  return parseHttpDate(validator) === Math.floor(lastModified / 1000) * 1000
}
