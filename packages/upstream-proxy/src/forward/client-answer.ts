import { constants, type ServerHttp2Stream } from 'node:http2'
import { isChunked } from '@reliw/http'
import { guarded } from '@reliw/options'
import type { FastifyReply } from 'fastify'
import { allowedTrailers } from '../headers/hop-by-hop.ts'
import { writeHead } from './answer-head.ts'
import { type OnTaken, type PieceTarget, PieceWriter } from '../pieces/piece-writer.ts'
import { writeInterim } from './interim.ts'

/** Maximum size of a body that is written as text, which leaves in one piece with its head; in bytes. */
const MAX_TEXT = 16 * 1024

const NOTHING = Buffer.alloc(0)

/** The events of a response while it is sent to the client. */
export interface ClientResponseEvents {
  /** The client takes more, after `write` returned false. */
  onDrain(): void
  /** An exception was thrown while the response was being sent. */
  onThrow(error: unknown): void
}

/** The response to the client. */
export class ClientAnswer implements PieceTarget {
  readonly #reply: FastifyReply
  readonly #events: ClientResponseEvents
  /** Undefined until a piece arrives that is not the last one. */
  #pieces: PieceWriter | undefined
  #isEnded = false
  #isBegun = false

  constructor(reply: FastifyReply, events: ClientResponseEvents) {
    this.#reply = reply
    this.#events = events
  }

  /** Whether the head has been sent: no other response is possible then. */
  get isBegun(): boolean {
    return this.#isBegun || this.#reply.raw.headersSent
  }

  /** Sends an interim response (RFC 9110 15.2, RFC 8297), except 100, which the client gets from this server. */
  inform(status: number, headers: readonly string[]): void {
    if (!this.isBegun && status !== 100) writeInterim(this.#reply.raw, status, headers)
  }

  begin(status: number, headers: readonly string[]): void {
    // Set before `writeHead` can throw: by then Node has changed the response, and no other can be sent.
    this.#isBegun = true
    this.#reply.hijack()
    const { raw } = this.#reply
    writeHead(raw, status, headers)
    // The first piece of a chunked body may take long to arrive, and Node would keep the head until then.
    if (isChunked(raw)) process.nextTick(flushHead, raw, this.#events)
  }

  /**
   * @param chunk is lent
   * @returns whether the client takes more at the moment
   */
  write(chunk: Buffer, isLast: boolean): boolean {
    const { raw } = this.#reply
    this.#reply.bodySize += chunk.length
    if (!isLast) return (this.#pieces ??= new PieceWriter(this)).write(chunk, 'lent')
    this.#isEnded = true
    this.#pieces?.flush()
    if (this.#pieces !== undefined || chunk.length > MAX_TEXT) raw.end(Buffer.from(chunk))
    else raw.end(chunk.toString('latin1'), 'latin1')
    return true
  }

  get waiting(): number {
    return this.#reply.raw.writableLength
  }

  writePiece(bytes: Buffer, onTaken: OnTaken): void {
    this.#reply.raw.write(bytes, onTaken)
  }

  onRoom(): void {
    this.#events.onDrain()
  }

  onThrow(error: unknown): void {
    this.#events.onThrow(error)
  }

  end(trailers: readonly string[]): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#pieces?.flush()
    const { raw } = this.#reply
    const allowed = allowedTrailers(trailers)
    if (allowed.length > 0 && isChunked(raw)) {
      // security: no prototype, because a field's name may be `__proto__`.
      const byName: Record<string, string[]> = Object.create(null)
      for (let at = 0; at < allowed.length; at += 2) {
        ;(byName[allowed[at] ?? ''] ??= []).push(allowed[at + 1] ?? '')
      }
      // The response of `inject()` takes no list of pairs.
      raw.addTrailers(byName)
    }
    raw.end()
  }

  /** Breaks off a response that cannot be completed, so that the client notices that a part is missing. */
  breakOff(): void {
    const { raw, request } = this.#reply
    const { socket } = raw
    // If merely closed, an HTTP/2 stream or an HTTP/1.0 body would look complete (RFC 9112 8).
    if ('stream' in raw) {
      ;(raw.stream as ServerHttp2Stream).close(constants.NGHTTP2_INTERNAL_ERROR)
    } else if (
      request.raw.httpVersion === '1.0' &&
      socket?.remoteFamily &&
      !('encrypted' in socket)
    ) {
      socket.resetAndDestroy()
    } else {
      raw.destroy()
    }
  }
}

const flushHead = guarded(
  (raw: FastifyReply['raw'], _events: ClientResponseEvents): void => {
    // Not `flushHeaders()`, with which Node writes the head as UTF-8.
    if (!raw.writableEnded) raw.write(NOTHING)
  },
  (error, _raw, events) => events.onThrow(error)
)
