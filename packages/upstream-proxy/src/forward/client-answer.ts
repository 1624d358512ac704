import { constants, type ServerHttp2Stream } from 'node:http2'
import { isChunked } from '@reliw/http'
import { guarded } from '@reliw/options'
import type { FastifyReply } from 'fastify'
import { allowedTrailers } from '../headers/hop-by-hop.ts'
import { writeHead } from './answer-head.ts'
import { type OnTaken, type PieceTarget, PieceWriter } from '../pieces/piece-writer.ts'
import { writeInterim } from './interim.ts'

/** Up to this size a body is written as text, which leaves in one piece with its head; in bytes. */
const MAX_TEXT = 16 * 1024

const NOTHING = Buffer.alloc(0)

/** The answer on its way to the client. */
export class ClientAnswer implements PieceTarget {
  readonly #reply: FastifyReply
  readonly #onDrain: () => void
  readonly #onThrow: (error: unknown) => void
  /** Undefined until a piece comes that is not the last one. */
  #pieces: PieceWriter | undefined
  #isEnded = false
  #isBegun = false

  /**
   * @param onDrain after `write` returned false: the client takes more
   * @param onThrow told of what was thrown while it was sent
   */
  constructor(reply: FastifyReply, onDrain: () => void, onThrow: (error: unknown) => void) {
    this.#reply = reply
    this.#onDrain = onDrain
    this.#onThrow = onThrow
  }

  /** Whether the head is out: no other answer can be given. */
  get isBegun(): boolean {
    return this.#isBegun || this.#reply.raw.headersSent
  }

  /** An interim response (RFC 9110 15.2, RFC 8297), but for 100: the client got ours. */
  inform(status: number, headers: readonly string[]): void {
    if (!this.isBegun && status !== 100) writeInterim(this.#reply.raw, status, headers)
  }

  begin(status: number, headers: readonly string[]): void {
    // Before it can throw: node has changed the response then, and no other answer can be made of it.
    this.#isBegun = true
    this.#reply.hijack()
    const { raw } = this.#reply
    writeHead(raw, status, headers)
    // Of a stream the first piece may be long in coming. Node keeps the head until then.
    if (isChunked(raw)) process.nextTick(guarded(flushHead, this.#onThrow), raw)
  }

  /** @param chunk is lent @returns whether the client takes more at the moment */
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
    this.#onDrain()
  }

  onThrow(error: unknown): void {
    this.#onThrow(error)
  }

  end(trailers: readonly string[]): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#pieces?.flush()
    const { raw } = this.#reply
    const allowed = allowedTrailers(trailers)
    if (allowed.length > 0 && isChunked(raw)) {
      // No prototype: a field's name may be `__proto__`.
      const byName: Record<string, string[]> = Object.create(null)
      for (let at = 0; at < allowed.length; at += 2) {
        ;(byName[allowed[at] ?? ''] ??= []).push(allowed[at + 1] ?? '')
      }
      // What stands in for a response in tests takes no pairs.
      raw.addTrailers(byName)
    }
    raw.end()
  }

  /** What was begun cannot be ended well: the client sees that something is missing. */
  breakOff(): void {
    const { raw, request } = this.#reply
    const { socket } = raw
    // What is merely closed looks complete: a stream of HTTP/2, and a body of HTTP/1.0 (RFC 9112 8).
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

function flushHead(raw: FastifyReply['raw']): void {
  // Not `flushHeaders()`: node writes the head as UTF-8 then.
  if (!raw.writableEnded) raw.write(NOTHING)
}
