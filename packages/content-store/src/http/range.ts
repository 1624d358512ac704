/** Byte ranges: RFC 9110 14.1.2, 14.2, 15.3.7, and If-Range of 13.1.5. */
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
/** With the empty ones that a list may have (RFC 9110 5.6.1.2). */
const MAX_PIECES = 2 * MAX_RANGES
/** Characters of a header that is read: 16 ranges of files of any size are shorter. */
const MAX_HEADER = 1024
/** Ranges with a smaller gap between them, in bytes, are one: a part of its own costs more (RFC 9110 15.3.7.2). */
const WORTH_A_PART = 128

/**
 * Reads a Range header: the ranges to answer 206 (none touches another; in the order of the header),
 * `'unsatisfiable'` to answer 416, or undefined to answer in full: no header, another unit, a malformed one,
 * one of more than 1,024 characters, 16 ranges or 32 pieces, an empty representation, or an If-Range that names another one.
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
  const pieces = /^bytes=(.*)$/i.exec(header)?.[1]?.split(',', MAX_PIECES + 1) ?? []
  if (pieces.length > MAX_PIECES) return undefined
  const texts = pieces.filter((piece) => !/^[ \t]*$/.test(piece))
  if (texts.length === 0 || texts.length > MAX_RANGES) return undefined
  const apart: ByteRange[] = []
  for (const text of texts) {
    const range = parseRange(text, target.size)
    if (range === undefined) return undefined
    if (range !== 'unsatisfiable') addApart(apart, range)
  }
  const [first, ...others] = apart
  return first === undefined ? 'unsatisfiable' : [first, ...others]
}

function parseRange(text: string, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^[ \t]*(\d*)-(\d*)[ \t]*$/.exec(text) ?? []
  if (first !== '') return rangeFrom(Number(first), last === '' ? Infinity : Number(last), size)
  return last === '' ? undefined : rangeOfLast(Number(last), size)
}

function rangeFrom(start: number, last: number, size: number) {
  if (last < start) return undefined
  if (start >= size) return 'unsatisfiable'
  return { start, end: Math.min(last, size - 1) }
}

function rangeOfLast(length: number, size: number) {
  if (length === 0) return 'unsatisfiable'
  return { start: Math.max(size - length, 0), end: size - 1 }
}

/** Adds a range, as one with those that it touches or nearly does, at the place of the first of them. */
function addApart(apart: ByteRange[], { start, end }: ByteRange): void {
  let place = apart.length
  const whole = { start, end }
  for (let at = 0; at < apart.length; at++) {
    const other = apart[at] as ByteRange
    if (other.start - whole.end > WORTH_A_PART || whole.start - other.end > WORTH_A_PART) continue
    whole.start = Math.min(whole.start, other.start)
    whole.end = Math.max(whole.end, other.end)
    apart.splice(at, 1)
    place = Math.min(place, at)
    // Longer now, it may touch those that were passed.
    at = -1
  }
  apart.splice(place, 0, whole)
}

/** Strong comparison for a tag, exact equality of seconds for a date (RFC 9110 13.1.5). */
function isSameRepresentation(ifRange: string, { etag, lastModified }: RangeTarget): boolean {
  const validator = ifRange.trim()
  if (validator.includes('"')) return validator === etag && !isWeak(etag)
  if (lastModified === undefined) return false
  return parseHttpDate(validator) === Math.floor(lastModified / 1000) * 1000
}
