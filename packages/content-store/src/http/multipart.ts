/** Several ranges in one answer: multipart/byteranges, RFC 9110 14.6. */
import { randomBytes } from 'node:crypto'
import type { ByteRange } from './range.ts'

/** What a body consists of: text of one byte a character, and bytes of the representation. */
export type Piece = string | ByteRange

/** A body of several parts. */
export interface Multipart {
  /** The media type of the whole. */
  type: string
  /** Bytes. */
  length: number
  pieces: Piece[]
}

/**
 * Puts ranges of a representation into parts.
 *
 * @param type the media type of the representation
 * @param size of the representation, in bytes
 */
export function multipartOf(ranges: readonly ByteRange[], type: string, size: number): Multipart {
  // security: the boundary must not occur in what is sent. Nobody can write into a file what is made up afterwards.
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
