/** Several ranges in one response: multipart/byteranges, RFC 9110 14.6. */
import { randomBytes } from 'node:crypto'
import type { ByteRange } from './range.ts'

/** A piece of a body: text with one byte per character, or a byte range of the representation. */
export type Piece = string | ByteRange

/** A body of several parts. */
export interface Multipart {
  /** The media type of the response. */
  type: string
  /** Bytes. */
  length: number
  pieces: Piece[]
}

/**
 * Makes a multipart body of ranges of a representation.
 *
 * @param type the media type of the representation
 * @param size of the representation, in bytes
 */
export function multipartOf(ranges: readonly ByteRange[], type: string, size: number): Multipart {
  // security: an attacker may put a boundary into an uploaded file to forge parts, so the boundary is random for each
  // response.
  const boundary = randomBytes(18).toString('hex')
  const pieces: Piece[] = []
  let length = 0
  for (const range of ranges) {
    const { start, end } = range
    const head = `\r\n--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: bytes ${start}-${end}/${size}\r\n\r\n`
    pieces.push(head, range)
    length += head.length + end - start + 1
  }
  const last = `\r\n--${boundary}--\r\n`
  pieces.push(last)
  return {
    type: `multipart/byteranges; boundary=${boundary}`,
    length: length + last.length,
    pieces
  }
}
