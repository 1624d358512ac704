import { guarded } from '@reliw/options'
import { BLOCK, copyLent, giveBack, takeBlock } from './block-pool.ts'
import { freeChunk } from './free-chunk.ts'

/**
 * Number of waiting bytes at which a writer has to stop. Stopping and starting more often would cost more than this
 * memory.
 */
export const MAX_WAITING = 256 * 1024
/** Size of the first block, in bytes: many streams have a little data that waits for a moment. */
const FIRST_BLOCK = 4096
/** Size from which a piece is passed on without a copy, in bytes. */
const LARGE = 4096

/**
 * The owner of a piece's memory. `lent`: valid during the call only; `shared`: others refer to it but leave it
 * unchanged; `given`: freed once it has been sent.
 */
export type Ownership = 'lent' | 'shared' | 'given'

/** Called when a piece has been passed on, or with an error when it cannot be. */
export type OnTaken = (error?: Error | null) => void

/** The outcome of a write, the bytes allocated for it, and the function that releases them. */
type Taken = [error?: Error | null, bytes?: Buffer, free?: (bytes: Buffer) => void]

/** The destination of the pieces. */
export interface PieceTarget {
  /** The number of bytes that were written but not yet passed on. */
  readonly waiting: number
  writePiece(bytes: Buffer, onTaken: OnTaken): void
  /** Called after `write` returned false, when all waiting bytes have been passed on. */
  onRoom(): void
  /** A callback called by Node threw an exception. */
  onThrow(error: unknown): void
}

/**
 * Writes pieces to a stream: at once while the stream takes them, otherwise gathered in blocks.
 *
 * security: every waiting piece costs hundreds of bytes, however small it is. A queue limited only in bytes of content
 * would grow to tens of megabytes with pieces of one byte.
 */
export class PieceWriter {
  readonly #target: PieceTarget
  /** Bytes that wait until the stream has taken the earlier ones. */
  #block: Buffer | undefined
  #filled = 0
  /** The number of pieces that the stream has not taken yet. */
  #writes = 0
  #isFull = false

  constructor(target: PieceTarget) {
    this.#target = target
  }

  /** @returns false to request no more pieces until `onRoom` */
  write(chunk: Buffer, ownership: Ownership): boolean {
    if (this.#writes > 0 && (ownership === 'lent' || chunk.length < LARGE)) this.#gather(chunk)
    else {
      this.flush()
      this.#hand(chunk, ownership)
    }
    if (this.#target.waiting + this.#filled < MAX_WAITING) return true
    this.#isFull = true
    return false
  }

  /** Writes the waiting bytes, before the end of the stream or before other writes. */
  flush(): void {
    const block = this.#block
    if (block === undefined) return
    const bytes = block.subarray(0, this.#filled)
    this.#block = undefined
    this.#filled = 0
    if (bytes.length > block.length / 2) return this.#pass(bytes, block)
    this.#pass(Buffer.from(bytes), undefined)
    giveBack(block)
  }

  #gather(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      this.#block ??= this.#newBlock(chunk.length - at)
      const copied = chunk.copy(this.#block, this.#filled, at)
      this.#filled += copied
      at += copied
      if (this.#filled === this.#block.length) this.flush()
    }
  }

  #newBlock(needed: number): Buffer {
    const isShort = this.#writes === 1 && needed < FIRST_BLOCK
    return isShort ? Buffer.allocUnsafeSlow(FIRST_BLOCK) : takeBlock()
  }

  #hand(chunk: Buffer, ownership: Ownership): void {
    if (ownership === 'lent') {
      const { bytes, block } = copyLent(chunk)
      return this.#pass(bytes, block)
    }
    this.#writes++
    if (ownership === 'shared') return this.#target.writePiece(chunk, this.#onTaken)
    this.#target.writePiece(chunk, (error) => this.#onTaken(error, chunk, freeChunk))
  }

  #pass(bytes: Buffer, block: Buffer | undefined): void {
    this.#writes++
    if (block?.length !== BLOCK) return this.#target.writePiece(bytes, this.#onTaken)
    this.#target.writePiece(bytes, (error) => this.#onTaken(error, block, giveBack))
  }

  readonly #onTaken = guarded<Taken>(
    (error, bytes, free) => {
      // The stream is destroyed, and may still refer to the bytes. The caller learns of that by other means.
      if (error) return
      if (bytes !== undefined) free?.(bytes)
      this.#take()
    },
    (thrown) => this.#target.onThrow(thrown)
  )

  #take(): void {
    this.#writes--
    if (this.#writes > 0) return
    this.flush()
    if (!this.#isFull) return
    this.#isFull = false
    this.#target.onRoom()
  }
}
