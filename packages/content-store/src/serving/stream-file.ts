import { read } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { guarded } from '@reliw/options'
import type { Piece } from '../http/multipart.ts'
import { giveBackBuffer } from './read-buffers.ts'
import { isClosed } from './turn.ts'

/**
 * Writes pieces of an open file and ends the response. The next piece is read when the one before is on its
 * way: a slow client stops the reading, and one buffer is all the memory that an answer of any size takes. A
 * file that turns out shorter than announced breaks the connection, so that nobody takes the part for the
 * whole. Settles when the file is not read any more; never rejects.
 *
 * @param buffer as `takeBuffer` lent it: is given back
 * @param client that it was lent to
 */
export async function streamFile(
  fd: number,
  pieces: readonly Piece[],
  buffer: Buffer,
  client: string,
  response: ServerResponse
): Promise<void> {
  let isFree = false
  try {
    await pump(fd, pieces, buffer, response)
    isFree = true
    response.end()
  } catch (error) {
    response.destroy(error as Error)
  } finally {
    giveBackBuffer(buffer, client, isFree)
  }
}

/**
 * Settles when everything is written, or when the client is gone and nothing is being read any more. Callbacks,
 * because with promises the same takes half as much CPU time again.
 */
function pump(
  fd: number,
  pieces: readonly Piece[],
  buffer: Buffer,
  response: ServerResponse
): Promise<void> {
  return new Promise((resolve, reject) => {
    let at = 0
    let position = 0
    let end = -1
    let isReading = false
    const stop = (failure?: Error): void => {
      response.off('close', leave)
      if (failure) reject(failure)
      else resolve()
    }
    const leave = (): void => {
      if (!isReading) stop(new Error('the client left'))
    }
    const fail = (error: unknown): void => stop(error as Error)
    const next = guarded((failure?: Error | null): void => {
      if (failure || isClosed(response)) return stop(failure ?? new Error('the client left'))
      while (position > end) {
        const piece = pieces[at++]
        if (piece === undefined) return stop()
        if (typeof piece === 'string') return void response.write(piece, 'latin1', next)
        position = piece.start
        end = piece.end
      }
      isReading = true
      read(fd, buffer, 0, Math.min(buffer.length, end - position + 1), position, take)
    }, fail)
    const take = guarded((failure: Error | null, length: number): void => {
      isReading = false
      if (failure || isClosed(response)) return stop(failure ?? new Error('the client left'))
      if (length === 0) return stop(new Error('the file became shorter'))
      position += length
      response.write(length === buffer.length ? buffer : buffer.subarray(0, length), next)
    }, fail)
    response.once('close', leave)
    next()
  })
}
