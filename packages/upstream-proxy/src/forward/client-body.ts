import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { BodySink, RequestBody } from '../exchange.ts'
import { allowedTrailers } from '../headers/hop-by-hop.ts'

/** What has to be known of a body while it is sent. */
export interface BodyEvents {
  onBodyProgress(): void
  onBodyEnd(): void
  /** More came than is allowed; nothing more is read. */
  onBodyTooLarge(): void
}

/** The body of a client's request: counted, and read as fast as the origin takes it. */
export class ClientBody implements RequestBody {
  readonly length: number | undefined
  isUsed = false
  /** Whether all of it was read. */
  isEnded = false
  /** Whether it is the origin that takes no more at the moment. */
  isBlocked = false
  readonly #request: FastifyRequest
  readonly #raw: IncomingMessage
  readonly #events: BodyEvents
  #left: number
  #sink: BodySink | undefined

  /**
   * @param length in bytes, if the client said so
   * @param limit the most bytes that may come
   */
  constructor(
    request: FastifyRequest,
    length: number | undefined,
    limit: number,
    events: BodyEvents
  ) {
    this.length = length
    this.#request = request
    this.#raw = request.raw
    this.#left = limit
    this.#events = events
  }

  start(sink: BodySink): void {
    this.isUsed = true
    this.#sink = sink
    this.#raw.on('data', this.#onData)
    this.#raw.on('end', this.#onEnd)
  }

  resume(): void {
    this.isBlocked = false
    this.#raw.resume()
  }

  /** Sends no more; what the client still sends is read past, so that it can come to its answer. */
  stop(): void {
    this.#sink = undefined
    if (!this.isUsed || this.isEnded) return
    this.#raw.off('data', this.#onData)
    this.#raw.off('end', this.#onEnd)
    this.#raw.resume()
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#request.bodySize += chunk.length
    this.#left -= chunk.length
    if (this.#left < 0) {
      this.#raw.pause()
      return this.#events.onBodyTooLarge()
    }
    this.#events.onBodyProgress()
    // Whoever else listens may keep what it hears.
    const isGiven = this.#raw.listenerCount('data') === 1
    if (this.#sink?.onChunk(chunk, isGiven) !== false) return
    this.isBlocked = true
    this.#raw.pause()
  }

  readonly #onEnd = (): void => {
    this.isEnded = true
    // What stands in for a request in tests has none.
    const { rawTrailers = [] } = this.#raw as Partial<IncomingMessage>
    this.#sink?.onEnd(allowedTrailers(rawTrailers))
    this.#events.onBodyEnd()
  }
}
