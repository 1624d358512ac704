import type { Readable } from 'node:stream'
import { divert, takeBack } from '@reliw/http'
import { BLOCK } from './block-pool.ts'

/** Size of the first block, in bytes: often little data arrives. */
const FIRST_BLOCK = 4096

/** The data that has arrived from a paused stream. */
interface Held {
  readonly blocks: Buffer[]
  /** The number of bytes used in the last block. */
  filled: number
  /** Whether the last block is one of ours, to which pieces are copied. */
  isCopied: boolean
  /** Called whenever data arrives. */
  readonly onCome: (() => void) | undefined
}

const paused = new WeakMap<Readable, Held>()

/**
 * Pauses a stream. Data that still arrives is gathered in a few blocks.
 *
 * security: Node keeps data in transit piece by piece, up to a window or a buffer of bytes: pieces of one byte would
 * take tens of megabytes per stream.
 *
 * @param onCome called for each piece that arrives during the pause
 */
export function pauseReading(stream: Readable, onCome?: () => void): void {
  stream.pause()
  if (paused.has(stream)) return
  const held: Held = { blocks: [], filled: 0, isCopied: false, onCome }
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

/** Whether data has arrived from a paused stream. */
export function hasCome(stream: Readable): boolean {
  return stream.readableLength > 0 || (paused.get(stream)?.blocks.length ?? 0) > 0
}

/** Makes a stream flow again. */
export function resumeReading(stream: Readable): void {
  release(stream)
  stream.resume()
}

/** Puts the gathered data into the stream's own buffer. */
export function release(stream: Readable): void {
  const held = paused.get(stream)
  if (held === undefined) return
  paused.delete(stream)
  takeBack(stream)
  const { blocks, filled } = held
  for (const [at, block] of blocks.entries()) {
    stream.push(
      at === blocks.length - 1 && filled < block.length ? block.subarray(0, filled) : block
    )
  }
}

function hold(held: Held, chunk: Buffer): void {
  if (chunk.length >= FIRST_BLOCK) return keep(held, chunk)
  const { blocks } = held
  for (let at = 0; at < chunk.length;) {
    let last = blocks.at(-1)
    if (last === undefined || held.filled === last.length) {
      last = Buffer.allocUnsafeSlow(held.isCopied ? BLOCK : FIRST_BLOCK)
      blocks.push(last)
      held.filled = 0
      held.isCopied = true
    }
    const copied = chunk.copy(last, held.filled, at)
    held.filled += copied
    at += copied
  }
}

/** Keeps a large piece as it is: it can be freed once it is sent, which a copy, and what was copied, cannot. */
function keep(held: Held, chunk: Buffer): void {
  const { blocks, filled } = held
  const last = blocks.at(-1)
  if (last !== undefined && filled < last.length)
    blocks[blocks.length - 1] = last.subarray(0, filled)
  blocks.push(chunk)
  held.filled = chunk.length
  held.isCopied = false
}
