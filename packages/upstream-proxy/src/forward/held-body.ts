import type { BodySink } from '../exchange.ts'
import type { Ownership } from '../pieces/piece-writer.ts'

/** What of a body is held before it is worth a connection to an origin, in bytes. */
export const WINDOW = 64 * 1024
/** What all requests hold together, in bytes; beyond that no more of a body is read. */
const MOST = 16 * 1024 * 1024
/** What the requests of one client hold, in bytes. */
const MOST_OF_ONE = MOST / 4
/** Bodies up to this length are held uncounted: a connection costs as much anyway. In bytes. */
export const SMALL = 16 * 1024
/** A first piece of this size is kept as it is; others are copied together. In bytes. */
const WORTH = 16 * 1024
/** The first room for small pieces, in bytes; it doubles. */
const FIRST_ROOM = 1024

/** Bytes that all requests hold. */
let held = 0
/** By client, of those that hold any. */
const heldBy = new Map<string, number>()

/** How many bytes of bodies are held, waiting for their rest or for a connection. */
export function heldBytes(): number {
  return held
}

/**
 * The beginning of a body that nobody is sent yet. Small pieces are copied together: one byte would else cost
 * what its object costs, or the whole of the buffer that it was read into.
 */
export class HeldBody {
  /** Whether what is here is worth a connection. */
  isFull = false
  readonly #pieces: { bytes: Buffer; readonly ownership: Ownership }[] = []
  /** The last piece, if there is room left in it. */
  #room: Buffer | undefined
  #roomUsed = 0
  #size = 0
  #cost = 0
  readonly #client: string | undefined

  /** @param client whose room it takes; undefined: it is not counted */
  constructor(client?: string) {
    this.#client = client
  }

  /** Whether more may be read, by what all hold, and what its client does. */
  get hasRoom(): boolean {
    const client = this.#client
    return client === undefined || (held < MOST && (heldBy.get(client) ?? 0) < MOST_OF_ONE)
  }

  /** Counts a window before it is read: of many that wait for room, few find it at a time. */
  reserve(): void {
    this.#pay(WINDOW)
  }

  add(chunk: Buffer, ownership: Ownership): void {
    const size = this.#size + chunk.length
    this.isFull = size >= WINDOW
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
    this.#roomUsed = 0
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
    const client = this.#client
    if (client === undefined || bytes === 0) return
    this.#cost += bytes
    held += bytes
    const left = (heldBy.get(client) ?? 0) + bytes
    if (left === 0) heldBy.delete(client)
    else heldBy.set(client, left)
  }
}
