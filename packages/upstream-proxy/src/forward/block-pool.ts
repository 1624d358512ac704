/** Room for what one read from a connection brings, in bytes. */
const SIZE = 64 * 1024
/** Smaller pieces are not worth a block: many of them may wait for one slow client. */
const WORTH = SIZE / 4
/** Blocks that are kept for later. */
const MAX_FREE = 64

/** Blocks of memory that large bodies pass through; made anew for each piece they would wait for the collector. */
const free: Buffer[] = []

/** A copy of what is lent, and the block it lies in, if it is in one: to be given back when it is not needed. */
export interface Copy {
  readonly bytes: Buffer
  readonly block: Buffer | undefined
}

export function copyLent(chunk: Buffer): Copy {
  if (chunk.length < WORTH || chunk.length > SIZE) {
    return { bytes: Buffer.from(chunk), block: undefined }
  }
  const block = free.pop() ?? Buffer.allocUnsafeSlow(SIZE)
  chunk.copy(block)
  return { bytes: block.subarray(0, chunk.length), block }
}

export function giveBack(block: Buffer): void {
  if (free.length < MAX_FREE) free.push(block)
}
