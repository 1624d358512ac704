/** Byte ranges: RFC 9110 14.1.2, 14.2, 15.3.7, and If-Range of 13.1.5. */
import { combineRanges, parse } from 'range-parser'
import { isWeak } from './etag.ts'
import { parseHttpDate } from './http-date.ts'

/** The representation that ranges refer to. */
export interface RangeTarget {
  /** Bytes. */
  size: number
  etag: string
  /** Milliseconds since the epoch. */
  lastModified?: number | undefined
}

/** Offsets in bytes; `end` is the last byte of the range, as in Content-Range. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * security: an attacker may ask for a long response by a short header with many ranges. With more than this many ranges
 * the response is the whole representation.
 */
const MAX_RANGES = 16
/** Longest header that is parsed, in characters: 16 ranges of a file of any size are shorter. */
const MAX_HEADER = 1024
/** Ranges with a gap smaller than this, in bytes, are combined: the head of a part is longer (RFC 9110 15.3.7.2). */
const WORTH_A_PART = 128
/** The bit in the parser's code for a malformed header. */
const MALFORMED = 1

/**
 * Parses a Range header. Returns the ranges for a 206 (separate from each other, in the order of the header) or
 * `'unsatisfiable'` for a 416. Undefined means that the whole representation is sent: there is no header, the header
 * has another unit, is malformed, or has more than 1,024 characters or 16 satisfiable ranges, the representation is
 * empty, or If-Range names another representation.
 */
export function parseRanges(
  header: string | undefined,
  ifRange: string | undefined,
  target: RangeTarget
): [ByteRange, ...ByteRange[]] | 'unsatisfiable' | undefined {
  if (header === undefined || target.size === 0) return undefined
  if (ifRange !== undefined && !isSameRepresentation(ifRange, target)) return undefined
  // security: an attacker may send long headers to cost parsing time; no player or download needs one.
  if (header.length > MAX_HEADER) return undefined
  const { code, type, ranges } = parse(target.size, header)
  if (type !== 'bytes' || (code & MALFORMED) !== 0 || ranges.length > MAX_RANGES) return undefined
  const [first, ...others] = ranges.length > 1 ? combine(ranges) : ranges
  return first === undefined ? 'unsatisfiable' : [first, ...others]
}

/** Combines ranges that touch, or nearly touch, at the place of the first of them. */
function combine(ranges: readonly ByteRange[]): ByteRange[] {
  const longer = ranges.map(({ start, end }) => ({ start, end: end + WORTH_A_PART - 1 }))
  return combineRanges(longer).map(({ start, end }) => ({ start, end: end - WORTH_A_PART + 1 }))
}

/** Strong comparison for an entity tag, equality in whole seconds for a date (RFC 9110 13.1.5). */
function isSameRepresentation(ifRange: string, { etag, lastModified }: RangeTarget): boolean {
  const validator = ifRange.trim()
  if (validator.includes('"')) return validator === etag && !isWeak(etag)
  if (lastModified === undefined) return false
  return parseHttpDate(validator) === Math.floor(lastModified / 1000) * 1000
}
