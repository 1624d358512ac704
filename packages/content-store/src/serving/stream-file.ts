import { read } from 'node:fs'
import { breakOff, endBody, writeBody } from '@reliw/http'
import { guarded } from '@reliw/options'
import type { FastifyReply } from 'fastify'
import type { Piece } from '../http/multipart.ts'
import { giveBackBuffer } from './read-buffers.ts'
import { isClosed } from './turn.ts'

/**
 * Writes pieces of an open file and ends the response. The next piece is read when the one before has been written: a
 * slow client slows down the reading, and a response of any size takes one buffer. A file that is shorter than
 * announced breaks the connection, so that the client does not take a part for the whole. Settles when the file is no
 * longer being read; never rejects.
 *
 * @param buffer lent by `takeBuffer`; it is returned at the end
 * @param client the value that the buffer was lent to
 */
export async function streamFile(
  fd: number,
  pieces: readonly Piece[],
  buffer: Buffer,
  client: string,
  reply: FastifyReply
): Promise<void> {
  let isFree = false
  try {
    await pump(fd, pieces, buffer, reply)
    isFree = true
    endBody(reply)
  } catch {
    breakOff(reply)
  } finally {
    giveBackBuffer(buffer, client, isFree)
  }
}

/**
 * Settles when everything has been written, or when the client has left and no read is in progress. Uses callbacks,
 * because promises take half as much CPU time again.
 */
function pump(
  fd: number,
  pieces: readonly Piece[],
  buffer: Buffer,
  reply: FastifyReply
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { raw } = reply
    let at = 0
    let position = 0
    let end = -1
    let isReading = false
    const stop = (failure?: Error): void => {
      raw.off('close', leave)
      if (failure) reject(failure)
      else resolve()
    }
    const leave = (): void => {
      if (!isReading) stop(new Error('the client disconnected'))
    }
    const fail = (error: unknown): void => stop(error as Error)
    const next = guarded((failure?: Error | null): void => {
      if (failure || isClosed(raw)) return stop(failure ?? new Error('the client disconnected'))
      while (position > end) {
        const piece = pieces[at++]
        if (piece === undefined) return stop()
        if (typeof piece === 'string')
          return void writeBody(reply, Buffer.from(piece, 'latin1'), next)
        position = piece.start
        end = piece.end
      }
      isReading = true
      read(fd, buffer, 0, Math.min(buffer.length, end - position + 1), position, take)
    }, fail)
    const take = guarded((failure: Error | null, length: number): void => {
      isReading = false
      if (failure || isClosed(raw)) return stop(failure ?? new Error('the client disconnected'))
      if (length === 0) return stop(new Error('the file was truncated'))
      position += length
      writeBody(reply, length === buffer.length ? buffer : buffer.subarray(0, length), next)
    }, fail)
    raw.once('close', leave)
    next()
  })
}
