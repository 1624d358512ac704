import type { Socket } from 'node:net'
import type { BodySink, RequestBody } from '../exchange.ts'
import {
  type OnTaken,
  type Ownership,
  type PieceTarget,
  PieceWriter
} from '../pieces/piece-writer.ts'

/** Writes requests to a connection, one after another, as fast as the connection takes them. */
export class RequestWriter implements BodySink, PieceTarget {
  readonly #socket: Socket
  readonly #pieces = new PieceWriter(this)
  #body: RequestBody | undefined
  #isChunked = false
  readonly #onThrow: (error: unknown) => void

  /** @param onThrow called with an exception thrown while a body was being sent */
  constructor(socket: Socket, onThrow: (error: unknown) => void) {
    this.#socket = socket
    this.#onThrow = onThrow
  }

  /** Whether the whole request has been written. */
  get isDone(): boolean {
    return this.#body === undefined
  }

  get waiting(): number {
    return this.#socket.writableLength
  }

  write(head: string, body: RequestBody | undefined): void {
    if (body === undefined) return void this.#socket.write(head, 'latin1')
    this.#body = body
    this.#isChunked = body.length === undefined
    // A body that has already arrived is sent in one write with the head.
    this.#socket.cork()
    this.#socket.write(head, 'latin1')
    if (body.isAwaited === true && body.startWhenRequested !== undefined)
      body.startWhenRequested(this)
    else body.start(this)
    process.nextTick(uncork, this.#socket)
  }

  /** Ignores the rest of the body. */
  stop(): void {
    this.#body = undefined
  }

  onChunk(chunk: Buffer, ownership: Ownership): boolean {
    // An empty chunk would mark the end of the body.
    if (this.#body === undefined || chunk.length === 0) return true
    return this.#pieces.write(chunk, ownership)
  }

  onEnd(trailers: readonly string[]): void {
    if (this.#body === undefined) return
    this.#body = undefined
    this.#pieces.flush()
    if (!this.#isChunked) return
    let end = '0\r\n'
    for (let at = 0; at < trailers.length; at += 2)
      end += `${trailers[at]}: ${trailers[at + 1]}\r\n`
    this.#socket.write(`${end}\r\n`, 'latin1')
  }

  writePiece(bytes: Buffer, onTaken: OnTaken): void {
    const socket = this.#socket
    if (!this.#isChunked) return void socket.write(bytes, onTaken)
    socket.cork()
    socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1')
    socket.write(bytes)
    socket.write('\r\n', 'latin1', onTaken)
    socket.uncork()
  }

  onThrow(error: unknown): void {
    this.#onThrow(error)
  }

  onRoom(): void {
    this.#body?.resume()
  }
}

function uncork(socket: Socket): void {
  socket.uncork()
}
