import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { isPattern } from './pattern.ts'

/** How fast a stream is read; slow: 100 to 200 MB/s, with pauses. */
export type Pace = 'fast' | 'slow'

/** What is read between two pauses, in bytes. */
const PIECE = 262_144
/** How long a pause is, in milliseconds. */
const PAUSE = 1

/**
 * Reads to the end.
 *
 * @returns how many bytes there were
 * @throws Error when a byte is not what the pattern has there
 */
export async function readPattern(stream: Readable, pace: Pace): Promise<number> {
  let position = 0
  let sincePause = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (!isPattern(chunk, position)) throw new Error(`wrong bytes after the first ${position}`)
    position += chunk.length
    sincePause += chunk.length
    if (pace === 'fast' || sincePause < PIECE) continue
    sincePause = 0
    await delay(PAUSE)
  }
  return position
}
