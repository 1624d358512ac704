/** What one read from a connection brings at most, in bytes. */
export const BLOCK = 64 * 1024
/** Smaller pieces are not worth a block. */
const WORTH = BLOCK / 4
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
  if (chunk.length < WORTH || chunk.length > BLOCK) {
    return { bytes: Buffer.from(chunk), block: undefined }
  }
  const block = takeBlock()
  chunk.copy(block)
  return { bytes: block.subarray(0, chunk.length), block }
}

/** A block of `BLOCK` bytes, for as long as it is needed. */
export function takeBlock(): Buffer {
  return free.pop() ?? Buffer.allocUnsafeSlow(BLOCK)
}

export function giveBack(block: Buffer): void {
  if (block.length === BLOCK && free.length < MAX_FREE) free.push(block)
}

/** Leaves the free ones to the collector: memory is short. */
export function releaseBlocks(): void {
  free.length = 0
}
