import type { BodySink } from '../exchange.ts'
import type { Ownership } from '../pieces/piece-writer.ts'

/** Size at which a held body is worth a connection to an origin, in bytes. */
export const WINDOW = 64 * 1024
/** Memory for the held bodies of all requests, in bytes; beyond it, bodies are not read on. */
const MOST = 16 * 1024 * 1024
/** security: memory for the held bodies of one client, in bytes. */
const MOST_OF_ONE = MOST / 4
/** Bodies up to this length are held uncounted, because a connection costs as much memory anyway; in bytes. */
export const SMALL = 16 * 1024
/** Size from which a first piece is kept as it is, in bytes; other pieces are copied together. */
const WORTH = 16 * 1024
/** Initial size of the buffer for small pieces, in bytes; it doubles. */
const FIRST_ROOM = 1024

/** Bytes held by all requests. */
let held = 0
/** Bytes held by client; without entries of 0. */
const heldBy = new Map<string, number>()

/** The number of bytes of bodies held, waiting for their rest or for a connection. */
export function heldBytes(): number {
  return held
}

/**
 * The beginning of a body that is not being sent yet. security: small pieces are copied together, because a piece of
 * one byte would cost a whole object, or the whole buffer that it was read into.
 */
export class HeldBody {
  /** Whether enough is held to be worth a connection. */
  isFull = false
  readonly #pieces: { bytes: Buffer; readonly ownership: Ownership }[] = []
  /** The buffer that small pieces are copied to. */
  #room: Buffer | undefined
  #roomUsed = 0
  #size = 0
  #cost = 0
  readonly #client: string | undefined

  /** @param client the client whose memory is used; undefined: not counted */
  constructor(client?: string) {
    this.#client = client
  }

  /** Whether more may be read, by the limits for all clients and for this one. */
  get hasRoom(): boolean {
    const client = this.#client
    return client === undefined || (held < MOST && (heldBy.get(client) ?? 0) < MOST_OF_ONE)
  }

  /** Counts a window before it is read, so that of many bodies waiting for memory only a few go on at a time. */
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

  /**
   * Passes all held bytes to a sink.
   *
   * @returns whether the sink takes more
   */
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
