import { read } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { type OpenFile, openWithin } from '../files/open-within.ts'
import type { ByteRange } from '../http/range.ts'
import type { LargeFile } from './answer.ts'

/** Bytes per read; one such buffer is all the memory that an answer of any size takes. */
const CHUNK = 256 * 1024
/** Buffers kept for the next answers. */
const MAX_SPARE = 16

/** Opens the file again; `undefined` when it is not the one that the answer was made for. */
export async function reopen(file: LargeFile): Promise<OpenFile | undefined> {
  const found = await openWithin(file.root, file.segments)
  if (typeof found === 'string') return undefined
  if (found.identity === file.identity) return found
  await found.handle.close()
  return undefined
}

/**
 * Writes a part of an open file and ends the response. The next piece is read when the one before is on its
 * way: a slow client stops the reading. Closes the file, also when the client leaves. A file that turns out
 * shorter than announced breaks the connection, so that nobody takes the part for the whole.
 */
export async function streamFile(
  { handle }: OpenFile,
  range: ByteRange,
  response: ServerResponse
): Promise<void> {
  const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK)
  try {
    await pump(handle.fd, range, buffer, response)
    // Only now nobody holds the buffer any more.
    if (spare.length < MAX_SPARE) spare.push(buffer)
    response.end()
  } catch (error) {
    response.destroy(error as Error)
  } finally {
    await handle.close()
  }
}

/** Buffers between two answers. */
const spare: Buffer[] = []

/**
 * Settles when everything is written, or when the client is gone and nothing is being read any more. Callbacks,
 * because with promises the same takes half as much CPU time again.
 */
function pump(
  fd: number,
  { start, end }: ByteRange,
  buffer: Buffer,
  response: ServerResponse
): Promise<void> {
  return new Promise((resolve, reject) => {
    let position = start
    let isReading = false
    const stop = (failure?: Error): void => {
      response.off('close', leave)
      if (failure) reject(failure)
      else resolve()
    }
    const leave = (): void => {
      if (!isReading) stop(new Error('the client left'))
    }
    const next = (failure?: Error | null): void => {
      if (failure || response.destroyed) return stop(failure ?? new Error('the client left'))
      if (position > end) return stop()
      isReading = true
      read(fd, buffer, 0, Math.min(CHUNK, end - position + 1), position, take)
    }
    const take = (failure: Error | null, length: number): void => {
      isReading = false
      if (failure || response.destroyed) return stop(failure ?? new Error('the client left'))
      if (length === 0) return stop(new Error('the file became shorter'))
      position += length
      response.write(length === CHUNK ? buffer : buffer.subarray(0, length), next)
    }
    response.once('close', leave)
    next()
  })
}
