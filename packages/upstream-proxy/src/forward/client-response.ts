import { beginResponse, breakOff, endBody, inform, type OnTaken, writeBody } from '@reliw/http'
import type { FastifyReply } from 'fastify'
import { allowedTrailers } from '../headers/hop-by-hop.ts'
import { type PieceTarget, PieceWriter } from '../pieces/piece-writer.ts'

/** The events of a response while it is sent to the client. */
export interface ClientResponseEvents {
  /** The client takes more, after `write` returned false. */
  onDrain(): void
  /** An exception was thrown while the response was being sent. */
  onThrow(error: unknown): void
}

/** The response to the client. */
export class ClientResponse implements PieceTarget {
  readonly #reply: FastifyReply
  readonly #events: ClientResponseEvents
  /** Undefined until a piece arrives that is not the last one. */
  #pieces: PieceWriter | undefined
  #isEnded = false

  constructor(reply: FastifyReply, events: ClientResponseEvents) {
    this.#reply = reply
    this.#events = events
  }

  /** Whether the head has been sent: no other response is possible then. */
  get isBegun(): boolean {
    return this.#reply.raw.headersSent
  }

  /** Sends an interim response, except 100, which the client gets from this server. */
  inform(status: number, headers: readonly string[]): void {
    if (status !== 100) inform(this.#reply, status, headers)
  }

  begin(status: number, headers: readonly string[]): void {
    beginResponse(this.#reply, status, headers)
  }

  /**
   * @param chunk is lent
   * @returns whether the client takes more at the moment
   */
  write(chunk: Buffer, isLast: boolean): boolean {
    if (!isLast) return (this.#pieces ??= new PieceWriter(this)).write(chunk, 'lent')
    this.#isEnded = true
    this.#pieces?.flush()
    endBody(this.#reply, chunk)
    return true
  }

  get waiting(): number {
    return this.#reply.raw.writableLength
  }

  writePiece(bytes: Buffer, onTaken: OnTaken): void {
    writeBody(this.#reply, bytes, onTaken)
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
    endBody(this.#reply, undefined, allowedTrailers(trailers))
  }

  breakOff(): void {
    breakOff(this.#reply)
  }
}
