import type { ClientHttp2Stream } from 'node:http2'
import type { BodySink, RequestBody } from '../exchange.ts'
import { requestTrailers } from './fields.ts'

const writer = Symbol('request writer')
type WrittenStream = ClientHttp2Stream & { [writer]?: RequestWriter }

/** Writes a request's body to its stream, as fast as the origin takes it (RFC 9113 5.2). */
export class RequestWriter implements BodySink {
  readonly #stream: ClientHttp2Stream
  readonly #body: RequestBody
  #trailers: readonly string[] = []

  constructor(stream: WrittenStream, body: RequestBody) {
    this.#stream = stream
    this.#body = body
    stream[writer] = this
    stream.on('drain', onDrain)
    stream.on('wantTrailers', onWantTrailers)
  }

  start(): void {
    this.#body.start(this)
  }

  /** What comes after the stream's end goes nowhere: origins may answer before all is sent. */
  onChunk(chunk: Buffer): boolean {
    return !this.#stream.writable || this.#stream.write(chunk)
  }

  onEnd(trailers: readonly string[]): void {
    this.#trailers = trailers
    this.#stream.end()
  }

  onDrain(): void {
    this.#body.resume()
  }

  onWantTrailers(): void {
    this.#stream.sendTrailers(requestTrailers(this.#trailers))
  }
}

function onDrain(this: WrittenStream): void {
  this[writer]?.onDrain()
}

function onWantTrailers(this: WrittenStream): void {
  this[writer]?.onWantTrailers()
}
