import type { Readable } from 'node:stream'
import { divert, takeBack } from '@reliw/http'
import { BLOCK } from './block-pool.ts'

/** The first block, in bytes: there is often little to come. */
const FIRST_BLOCK = 4096

/** What of a paused stream has come. */
interface Held {
  readonly blocks: Buffer[]
  /** How much of the last block is filled. */
  filled: number
  /** Told whenever something comes. */
  readonly onCome: (() => void) | undefined
}

const paused = new WeakMap<Readable, Held>()

/**
 * Pauses a stream. What still comes is put together, in a few blocks.
 *
 * security: node keeps what was on its way piece by piece, up to a window or a buffer of bytes: with pieces of one
 * byte that is tens of megabytes for each stream.
 *
 * @param onCome called for each piece that comes while it is paused
 */
export function pauseReading(stream: Readable, onCome?: () => void): void {
  stream.pause()
  if (paused.has(stream)) return
  const held: Held = { blocks: [], filled: 0, onCome }
  paused.set(stream, held)
  divert(stream, (chunk) => {
    if (chunk !== null) {
      hold(held, chunk)
      held.onCome?.()
      return false
    }
    release(stream)
    return stream.push(null)
  })
}

/** Whether something has come of a stream that is paused. */
export function hasCome(stream: Readable): boolean {
  return stream.readableLength > 0 || (paused.get(stream)?.blocks.length ?? 0) > 0
}

/** Lets a stream flow again. */
export function resumeReading(stream: Readable): void {
  release(stream)
  stream.resume()
}

/** Puts what came into the stream's own buffer. */
export function release(stream: Readable): void {
  const held = paused.get(stream)
  if (held === undefined) return
  paused.delete(stream)
  takeBack(stream)
  const { blocks, filled } = held
  for (const [at, block] of blocks.entries()) {
    stream.push(at === blocks.length - 1 ? block.subarray(0, filled) : block)
  }
}

function hold(held: Held, chunk: Buffer): void {
  const { blocks } = held
  for (let at = 0; at < chunk.length;) {
    let last = blocks.at(-1)
    if (last === undefined || held.filled === last.length) {
      last = Buffer.allocUnsafeSlow(blocks.length === 0 ? FIRST_BLOCK : BLOCK)
      blocks.push(last)
      held.filled = 0
    }
    const copied = chunk.copy(last, held.filled, at)
    held.filled += copied
    at += copied
  }
}
