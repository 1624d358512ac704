import type { FastifyRequest } from 'fastify'
import { multipartOf, type Piece } from '../http/multipart.ts'
import { type ByteRange, parseRanges } from '../http/range.ts'
import type { Representation } from './resolution.ts'
import { validators } from './representation.ts'

/** The content of a 206 response: its headers, and the pieces of its body. */
export interface Part {
  headers: string[]
  pieces: readonly [ByteRange] | readonly Piece[]
  /** Bytes of the body. */
  length: number
}

/**
 * The part of a representation that a GET requests; `'unsatisfiable'` for a 416; undefined when the whole
 * representation is to be sent. That includes parts that would be longer than the whole.
 */
export function partOf(
  { headers, method }: FastifyRequest,
  representation: Representation,
  etag: string,
  size: number
): Part | 'unsatisfiable' | undefined {
  if (method !== 'GET' || headers.range === undefined) return undefined
  const ifRange = headers['if-range']
  const validator = Array.isArray(ifRange) ? ifRange[0] : ifRange
  const target = { size, etag, lastModified: representation.lastModified }
  const ranges = parseRanges(headers.range, validator, target)
  if (ranges === undefined || ranges === 'unsatisfiable') return ranges
  return ranges.length === 1
    ? onePart(representation, etag, size, ranges[0])
    : parts(representation, etag, size, ranges)
}

function onePart(
  representation: Representation,
  etag: string,
  size: number,
  range: ByteRange
): Part {
  const length = range.end - range.start + 1
  const headers = [
    ...validators(representation, etag, ''),
    'content-range',
    `bytes ${range.start}-${range.end}/${size}`,
    'content-length',
    String(length)
  ]
  return { headers, pieces: [range], length }
}

function parts(
  representation: Representation,
  etag: string,
  size: number,
  ranges: readonly ByteRange[]
): Part | undefined {
  const headers = validators(representation, etag, '')
  const at = headers.findIndex((text, index) => index % 2 === 0 && text === 'content-type') + 1
  const { type, length, pieces } = multipartOf(ranges, headers[at] ?? '', size)
  if (length > size) return undefined
  headers[at] = type
  headers.push('content-length', String(length))
  return { headers, pieces, length }
}
