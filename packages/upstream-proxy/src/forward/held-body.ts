import type { BodySink } from '../exchange.ts'
import type { Ownership } from '../pieces/piece-writer.ts'

/** What of a body is held before it is worth a connection to an origin, in bytes. */
export const WINDOW = 64 * 1024
/** What all requests hold together, in bytes; beyond that a body is sent as it comes. */
const MOST = 16 * 1024 * 1024
/** A first piece of this size is kept as it is; others are copied together. In bytes. */
const WORTH = 16 * 1024
/** The first room for small pieces, in bytes; it doubles. */
const FIRST_ROOM = 1024

/** Bytes that all requests hold. */
let held = 0

/** How many bytes of bodies are held, waiting for their rest or for a connection. */
export function heldBytes(): number {
  return held
}

/**
 * The beginning of a body that nobody is sent yet. Small pieces are copied together: one byte would else cost
 * what its object costs, or the whole of the buffer that it was read into.
 */
export class HeldBody {
  /** Whether no more should come: what is here is worth a connection, or there is no room for more. */
  isFull = false
  readonly #pieces: { bytes: Buffer; readonly ownership: Ownership }[] = []
  /** The last piece, if there is room left in it. */
  #room: Buffer | undefined
  #roomUsed = 0
  #size = 0
  #cost = 0

  add(chunk: Buffer, ownership: Ownership): void {
    const size = this.#size + chunk.length
    this.isFull = size >= WINDOW || held >= MOST
    if (this.isFull || (this.#size === 0 && chunk.length >= WORTH)) this.#keep(chunk, ownership)
    else this.#copy(chunk)
    this.#size = size
  }

  /** Gives all of it to a sink. @returns whether that takes more */
  release(sink: BodySink): boolean {
    this.#closeRoom()
    let takesMore = true
    for (const { bytes, ownership } of this.#pieces) takesMore = sink.onChunk(bytes, ownership)
    this.clear()
    return takesMore
  }

  clear(): void {
    this.#pieces.length = 0
    this.#room = undefined
    this.#size = 0
    this.#pay(-this.#cost)
  }

  #keep(bytes: Buffer, ownership: Ownership): void {
    this.#closeRoom()
    this.#pieces.push({ bytes, ownership })
    this.#pay(bytes.length)
  }

  #copy(chunk: Buffer): void {
    const used = this.#roomUsed + chunk.length
    let room = this.#room
    if (room === undefined || used > room.length) {
      const before = room
      room = Buffer.allocUnsafeSlow(Math.max(FIRST_ROOM, 2 ** Math.ceil(Math.log2(used))))
      before?.copy(room, 0, 0, this.#roomUsed)
      this.#pay(room.length - (before?.length ?? 0))
      this.#room = room
    }
    chunk.copy(room, this.#roomUsed)
    this.#roomUsed = used
  }

  #closeRoom(): void {
    if (this.#room === undefined) return
    this.#pieces.push({ bytes: this.#room.subarray(0, this.#roomUsed), ownership: 'shared' })
    this.#room = undefined
    this.#roomUsed = 0
  }

  #pay(bytes: number): void {
    this.#cost += bytes
    held += bytes
  }
}
