import { guarded } from '@reliw/options'
import { BLOCK, copyLent, giveBack, takeBlock } from './block-pool.ts'
import { freeChunk } from './free-chunk.ts'

/** What may wait in memory for whoever takes it, in bytes: stopping and starting costs more than this. */
export const MAX_WAITING = 256 * 1024
/** The first block of those that wait, in bytes: many streams have a little that waits for a moment. */
const FIRST_BLOCK = 4096
/** Pieces of this size are not worth to be copied, in bytes. */
const LARGE = 4096

/**
 * Whose memory a piece is: `lent` for the length of a call; `shared` with others, who leave it as it is; or `given`,
 * to be freed when it has been sent.
 */
export type Ownership = 'lent' | 'shared' | 'given'

/** Called when a piece has been passed on, with an error when it will not be. */
export type OnTaken = (error?: Error | null) => void

/** What became of a piece; bytes that were lent for it, and how they are given back. */
type Taken = [error?: Error | null, bytes?: Buffer, free?: (bytes: Buffer) => void]

/** Where pieces go. */
export interface PieceTarget {
  /** Bytes that were written and not passed on. */
  readonly waiting: number
  writePiece(bytes: Buffer, onTaken: OnTaken): void
  /** After `write` returned false: all that waited has been passed on. */
  onRoom(): void
  /** It threw when it was called back by node. */
  onThrow(error: unknown): void
}

/**
 * Writes pieces to a stream: at once while it takes them, put together in blocks while it does not.
 *
 * security: every piece that waits costs hundreds of bytes, be it ever so small. A queue that is bounded in bytes
 * alone grows to tens of megabytes with pieces of one byte.
 */
export class PieceWriter {
  readonly #target: PieceTarget
  /** What waits for the stream to take what it has. */
  #block: Buffer | undefined
  #filled = 0
  /** Pieces that the stream has not taken. */
  #writes = 0
  #isFull = false

  constructor(target: PieceTarget) {
    this.#target = target
  }

  /** @returns false for: no more until `onRoom` */
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

  /** Writes what waits: before an end, or before what is written otherwise. */
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
      // The stream is gone, and may hold on to what it has. Whoever writes hears of that by itself.
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
