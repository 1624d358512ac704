import type { ClientHttp2Stream } from 'node:http2'
import { guardMethods } from '@reliw/options'
import type { BodySink, RequestBody } from '../exchange.ts'
import {
  type OnTaken,
  type Ownership,
  type PieceTarget,
  PieceWriter
} from '../pieces/piece-writer.ts'
import { requestTrailers } from './fields.ts'
import { isSending, resetSoon } from './stream-reset.ts'

const writer = Symbol('request writer')
type WrittenStream = ClientHttp2Stream & { [writer]?: RequestWriter }

/** Writes a request's body to its stream, as fast as the origin takes it (RFC 9113 5.2). */
export class RequestWriter implements BodySink, PieceTarget {
  static {
    guardMethods(RequestWriter, (self) => resetSoon(self.#stream))
  }

  readonly #stream: ClientHttp2Stream
  readonly #body: RequestBody
  readonly #pieces = new PieceWriter(this)
  #trailers: readonly string[] = []

  constructor(stream: WrittenStream, body: RequestBody) {
    this.#stream = stream
    this.#body = body
    stream[writer] = this
    stream.on('wantTrailers', onWantTrailers)
  }

  start(): void {
    this.#body.start(this)
  }

  /** Data after the end of the stream is dropped: an origin may respond before the whole body is sent. */
  onChunk(chunk: Buffer, ownership: Ownership): boolean {
    return !isSending(this.#stream) || this.#pieces.write(chunk, ownership)
  }

  get waiting(): number {
    return this.#stream.writableLength
  }

  writePiece(bytes: Buffer, onTaken: OnTaken): void {
    if (isSending(this.#stream)) this.#stream.write(bytes, onTaken)
  }

  onEnd(trailers: readonly string[]): void {
    // Otherwise, a body of which data was dropped would end like a complete one.
    if (!isSending(this.#stream)) return
    this.#trailers = trailers
    this.#pieces.flush()
    this.#stream.end()
  }

  onThrow(): void {
    resetSoon(this.#stream)
  }

  onRoom(): void {
    this.#body.resume()
  }

  onWantTrailers(): void {
    this.#stream.sendTrailers(requestTrailers(this.#trailers))
  }
}

function onWantTrailers(this: WrittenStream): void {
  this[writer]?.onWantTrailers()
}
