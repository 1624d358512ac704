import type { ServerResponse } from 'node:http'
import { type OpenFile, openWithin } from '../files/open-within.ts'
import type { ByteRange } from '../http/range.ts'
import type { LargeFile } from './answer.ts'

/** Bytes per read; two such buffers per answer is all the memory that a file of any size takes. */
const CHUNK = 256 * 1024

/** Opens the file again; `undefined` when it is not the one that the answer was made for. */
export async function reopen(file: LargeFile): Promise<OpenFile | undefined> {
  const found = await openWithin(file.root, file.segments)
  if (typeof found === 'string') return undefined
  if (found.identity === file.identity) return found
  await found.handle.close()
  return undefined
}

/**
 * Writes a part of an open file and ends the response. While one buffer is on its way to the client the
 * other is filled; a slow client stops the reading. Closes the file, also when the client leaves. A file that
 * turns out shorter than announced breaks the connection, so that nobody takes the part for the whole.
 */
export async function streamFile(
  { handle }: OpenFile,
  { start, end }: ByteRange,
  response: ServerResponse
): Promise<void> {
  const buffers = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)] as const
  let written: Promise<unknown> = Promise.resolve()
  try {
    let position = start
    for (let turn = 0; position <= end; turn++) {
      const buffer = buffers[turn % 2 === 0 ? 0 : 1]
      const length = Math.min(CHUNK, end - position + 1)
      const { bytesRead } = await handle.read(buffer, 0, length, position)
      if (bytesRead === 0) throw new Error('the file became shorter')
      await written
      written = write(response, buffer.subarray(0, bytesRead))
      written.catch(() => undefined)
      position += bytesRead
    }
    await written
    response.end()
  } catch (error) {
    response.destroy(error as Error)
  } finally {
    await handle.close()
  }
}

/** Settles when the chunk has been handed to the system, or the client is gone. */
function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error('the client left'))
    if (response.destroyed) return gone()
    response.once('close', gone)
    response.write(chunk, (error) => {
      response.off('close', gone)
      if (error) reject(error)
      else resolve()
    })
  })
}
