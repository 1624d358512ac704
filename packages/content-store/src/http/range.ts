/** Byte ranges: RFC 9110 14.1.2, 14.2, 15.3.7, and If-Range of 13.1.5. */
import { combineRanges, parse } from 'range-parser'
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

/** security: more of them are answered in full, or a short header could ask for a long answer. */
const MAX_RANGES = 16
/** Characters of a header that is read: 16 ranges of files of any size are shorter. */
const MAX_HEADER = 1024
/** Ranges with a smaller gap between them, in bytes, are one: a part of its own costs more (RFC 9110 15.3.7.2). */
const WORTH_A_PART = 128
/** The bit in the parser's code for a header that does not follow the grammar. */
const MALFORMED = 1

/**
 * Reads a Range header: the ranges to answer 206 (none touches another; in the order of the header),
 * `'unsatisfiable'` to answer 416, or undefined to answer in full: no header, another unit, a malformed one,
 * one of more than 1,024 characters or 16 satisfiable ranges, an empty representation, or an If-Range that names
 * another one.
 */
export function parseRanges(
  header: string | undefined,
  ifRange: string | undefined,
  target: RangeTarget
): [ByteRange, ...ByteRange[]] | 'unsatisfiable' | undefined {
  if (header === undefined || target.size === 0) return undefined
  if (ifRange !== undefined && !isSameRepresentation(ifRange, target)) return undefined
  // security: a header of a length that no player or download needs costs nothing to ignore.
  if (header.length > MAX_HEADER) return undefined
  const { code, type, ranges } = parse(target.size, header)
  if (type !== 'bytes' || (code & MALFORMED) !== 0 || ranges.length > MAX_RANGES) return undefined
  const [first, ...others] = ranges.length > 1 ? combine(ranges) : ranges
  return first === undefined ? 'unsatisfiable' : [first, ...others]
}

/** As one those that touch or nearly do, at the place of the first of them. */
function combine(ranges: readonly ByteRange[]): ByteRange[] {
  const longer = ranges.map(({ start, end }) => ({ start, end: end + WORTH_A_PART - 1 }))
  return combineRanges(longer).map(({ start, end }) => ({ start, end: end - WORTH_A_PART + 1 }))
}

/** Strong comparison for a tag, exact equality of seconds for a date (RFC 9110 13.1.5). */
function isSameRepresentation(ifRange: string, { etag, lastModified }: RangeTarget): boolean {
  const validator = ifRange.trim()
  if (validator.includes('"')) return validator === etag && !isWeak(etag)
  if (lastModified === undefined) return false
  return parseHttpDate(validator) === Math.floor(lastModified / 1000) * 1000
}
