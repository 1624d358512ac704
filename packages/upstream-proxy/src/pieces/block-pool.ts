/** Maximum size of one read from a connection, in bytes. */
export const BLOCK = 64 * 1024
/** Minimum size of a piece that is copied into a block, in bytes. */
const WORTH = BLOCK / 4
/** Maximum number of free blocks kept for reuse. */
const MAX_FREE = 64

/**
 * Free memory blocks for large bodies. Blocks allocated for each piece would have to wait for the garbage collector.
 */
const free: Buffer[] = []

/** A copy of lent bytes, and the block that holds it, if any, which is to be given back after use. */
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

/** A block of `BLOCK` bytes, to be given back after use. */
export function takeBlock(): Buffer {
  return free.pop() ?? Buffer.allocUnsafeSlow(BLOCK)
}

export function giveBack(block: Buffer): void {
  if (block.length === BLOCK && free.length < MAX_FREE) free.push(block)
}

/** Leaves the free blocks to the garbage collector, for when memory is short. */
export function releaseBlocks(): void {
  free.length = 0
}
