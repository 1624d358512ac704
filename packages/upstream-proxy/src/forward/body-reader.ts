import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { guardMethods } from '@reliw/options'
import type { FastifyRequest } from 'fastify'
import { allowedTrailers } from '../headers/hop-by-hop.ts'
import { hasCome, pauseReading, resumeReading } from '../pieces/paused-reading.ts'
import type { Ownership } from '../pieces/piece-writer.ts'

/** The events of a body while it is read. */
export interface ReaderEvents {
  onChunk(chunk: Buffer, ownership: Ownership): void
  /** @param trailers name, value, name, value, …; those that may be forwarded */
  onEnd(trailers: readonly string[]): void
  /** Part of the body has arrived while reading was paused. */
  onUnread(): void
  /** The body exceeds its limit; reading has stopped. */
  onTooLarge(): void
  /** An internal exception was thrown. */
  onThrow(error: unknown): void
}

/** Reads and counts the body of a request. */
export class BodyReader {
  static {
    guardMethods(BodyReader, (self, error) => self.#events.onThrow(error))
  }

  /** Whether reading has begun. */
  isReading = false
  isPaused = false
  /** Whether the whole body was read. */
  isEnded = false
  /** The number of bytes read. */
  received = 0
  readonly #request: FastifyRequest
  readonly #raw: IncomingMessage
  readonly #limit: number
  readonly #events: ReaderEvents

  /** @param limit maximum size of the body, in bytes */
  constructor(request: FastifyRequest, limit: number, events: ReaderEvents) {
    this.#request = request
    this.#raw = request.raw
    this.#limit = limit
    this.#events = events
  }

  /** Whether part of the body has arrived that was not read. */
  get hasUnread(): boolean {
    return this.#streams().some(hasCome)
  }

  begin(): void {
    this.isReading = true
    this.#raw.on('data', this.#onData)
    this.#raw.on('end', this.#onEnd)
  }

  pause(): void {
    this.isPaused = true
    for (const stream of this.#streams()) pauseReading(stream, this.#onUnread)
  }

  resume(): void {
    this.isPaused = false
    for (const stream of this.#streams()) resumeReading(stream)
  }

  /** Data that the client still sends is read and dropped, so that the client gets to read its response. */
  stop(): void {
    if (!this.isReading || this.isEnded) return
    this.#raw.off('data', this.#onData)
    this.#raw.off('end', this.#onEnd)
    this.resume()
  }

  readonly #onData = (chunk: Buffer): void => this.onData(chunk)

  onData(chunk: Buffer): void {
    this.#request.bodySize += chunk.length
    this.received += chunk.length
    if (this.received > this.#limit) {
      this.#raw.pause()
      return this.#events.onTooLarge()
    }
    // Other listeners may keep the chunk.
    const ownership = this.#raw.listenerCount('data') === 1 ? 'given' : 'shared'
    this.#events.onChunk(chunk, ownership)
  }

  readonly #onEnd = (): void => this.onEnd()

  onEnd(): void {
    this.isEnded = true
    // The request of `inject()` has no trailers.
    const { rawTrailers = [] } = this.#raw as Partial<IncomingMessage>
    this.#events.onEnd(allowedTrailers(rawTrailers))
  }

  readonly #onUnread = (): void => this.onUnread()

  onUnread(): void {
    this.#events.onUnread()
  }

  /**
   * The streams that the body passes through, the last one first: over HTTP/2 the request has a stream of its own
   * beneath it.
   */
  #streams(): Readable[] {
    const { stream } = this.#raw as IncomingMessage & { stream?: Readable }
    return stream === undefined ? [this.#raw] : [this.#raw, stream]
  }
}
