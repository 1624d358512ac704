import type { Socket } from 'node:net'
import type { BodySink, RequestBody } from '../exchange.ts'
import { freeChunk } from './free-chunk.ts'

/** What of a body may wait in memory for the origin, in bytes: stopping and starting costs more than this. */
const MAX_WAITING = 256 * 1024

/** Writes requests to a connection, one after the other, as fast as it takes them. */
export class RequestWriter implements BodySink {
  readonly #socket: Socket
  #body: RequestBody | undefined
  #isChunked = false

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('drain', this.#onDrain)
  }

  /** Whether the whole request has been written. */
  get isDone(): boolean {
    return this.#body === undefined
  }

  write(head: string, body: RequestBody | undefined): void {
    if (body === undefined) return void this.#socket.write(head, 'latin1')
    this.#body = body
    this.#isChunked = body.length === undefined
    // A body that is here already leaves in one write with the head.
    this.#socket.cork()
    this.#socket.write(head, 'latin1')
    body.start(this)
    process.nextTick(uncork, this.#socket)
  }

  /** Takes no more of the body. */
  stop(): void {
    this.#body = undefined
  }

  onChunk(chunk: Buffer, isGiven: boolean): boolean {
    // An empty chunk would be the last one.
    if (this.#body === undefined || chunk.length === 0) return true
    if (!this.#isChunked) return this.#write(chunk, isGiven) || this.#hasRoom()
    this.#socket.cork()
    this.#socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
    this.#write(chunk, isGiven)
    const takesMore = this.#socket.write('\r\n', 'latin1')
    this.#socket.uncork()
    return takesMore || this.#hasRoom()
  }

  onEnd(trailers: readonly string[]): void {
    if (this.#body === undefined) return
    this.#body = undefined
    if (!this.#isChunked) return
    let end = '0\r\n'
    for (let at = 0; at < trailers.length; at += 2)
      end += `${trailers[at]}: ${trailers[at + 1]}\r\n`
    this.#socket.write(`${end}\r\n`, 'latin1')
  }

  #write(chunk: Buffer, isGiven: boolean): boolean {
    if (!isGiven) return this.#socket.write(chunk)
    // After an error the socket may hold on to it.
    return this.#socket.write(chunk, (error) => {
      if (!error) freeChunk(chunk)
    })
  }

  #hasRoom(): boolean {
    return this.#socket.writableLength < MAX_WAITING
  }

  readonly #onDrain = (): void => this.#body?.resume()
}

function uncork(socket: Socket): void {
  socket.uncork()
}
