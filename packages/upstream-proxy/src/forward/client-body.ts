import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { guarded } from '@reliw/options'
import type { FastifyRequest } from 'fastify'
import type { BodySink, RequestBody } from '../exchange.ts'
import { allowedTrailers } from '../headers/hop-by-hop.ts'
import { hasCome, pauseReading, resumeReading } from '../pieces/paused-reading.ts'
import type { Ownership } from '../pieces/piece-writer.ts'
import { clientOf } from './failure-source.ts'
import { expectationOf } from './expectations.ts'
import { HeldBody, SMALL, WINDOW } from './held-body.ts'

/** The events of a request body while it arrives and is sent. */
export interface BodyEvents {
  /** The body waits until the origin asks for it or refuses it. */
  onBodyAwaited(): void
  /** Part of the body has arrived before the client was asked for it. */
  onBodyUnasked(): void
  onBodyProgress(): void
  onBodyEnd(): void
  /** The body exceeds its limit; reading has stopped. */
  onBodyTooLarge(): void
  /** An internal exception was thrown. */
  onThrow(error: unknown): void
}

/**
 * The body of a client's request: counted, held until it is worth a connection, then read as fast as the origin takes
 * it.
 */
export class ClientBody implements RequestBody {
  readonly length: number | undefined
  isUsed = false
  /** Whether the whole body was read. */
  isEnded = false
  /** Whether reading is paused by this server or the origin, so that the client is not at fault for a delay. */
  isBlocked = false
  whenBegun: (() => void) | undefined
  whenWhole: (() => void) | undefined
  readonly #request: FastifyRequest
  readonly #raw: IncomingMessage
  readonly #events: BodyEvents
  readonly #held: HeldBody
  readonly #clientIp: string
  #client: string | undefined
  /** Whether the client waits for `100 Continue` before it sends the body. */
  readonly #isExpecting: boolean
  #isReading = false
  #left: number
  #received = 0
  #trailers: readonly string[] = []
  #sink: BodySink | undefined
  /** The sink that gets the body once the origin asks for it. */
  #asking: BodySink | undefined

  /**
   * @param length in bytes, if the client declared it
   * @param limit maximum size, in bytes
   * @param clientIp address of the client whose quotas the body uses: memory while it is held, connections when it is
   *   sent
   */
  constructor(
    request: FastifyRequest,
    length: number | undefined,
    limit: number,
    clientIp: string,
    events: BodyEvents
  ) {
    this.#clientIp = clientIp
    this.#held = new HeldBody(length !== undefined && length <= SMALL ? undefined : this.client)
    this.length = length
    // A body that fits into the window is held completely before it is sent to an origin, so there is no need to ask.
    this.#isExpecting =
      length !== undefined && length > WINDOW && expectationOf(request.raw) === 'continue'
    this.#request = request
    this.#raw = request.raw
    this.#left = limit
    this.#events = events
  }

  get client(): string {
    return (this.#client ??= clientOf(this.#clientIp))
  }

  get isAwaited(): boolean {
    return this.#isExpecting && !this.#isReading && !this.#streams().some(hasCome)
  }

  /** Whether part of the body was read. */
  get isBegun(): boolean {
    return this.#received > 0
  }

  /** Whether the client was asked for the body but has not sent any of it. */
  get isOwed(): boolean {
    return this.#isExpecting && this.#isReading && !this.isBegun
  }

  /** Whether the whole body has arrived. */
  get isWhole(): boolean {
    return this.isEnded || this.#received === this.length
  }

  /** Whether enough of the body has arrived to be worth a connection. */
  get isReady(): boolean {
    return this.isWhole || this.#held.isFull
  }

  /** Begins to read. Data is held until there is a sink. */
  gather(): void {
    if (this.#isReading) return
    this.#isReading = true
    if (this.#sink === undefined && !this.#held.hasRoom) this.#block()
    this.#raw.on('data', this.#onData)
    this.#raw.on('end', this.#onEnd)
    if (this.isBlocked && (this.#sink !== undefined || this.#held.hasRoom)) this.resume()
  }

  /**
   * Resumes reading a held body that was paused because the memory for held bodies was used up.
   *
   * @returns whether reading has resumed
   */
  readOn(): boolean {
    if (!this.#held.hasRoom) return false
    this.#held.reserve()
    this.resume()
    return true
  }

  /** Does not ask the client for the body yet; the delay is ours. */
  hold(): void {
    this.#block()
  }

  startWhenAsked(sink: BodySink): void {
    this.#asking = sink
    this.#events.onBodyAwaited()
  }

  /** The origin asks for the body. */
  ask(): void {
    const sink = this.#asking
    this.#asking = undefined
    if (sink !== undefined) this.start(sink)
  }

  start(sink: BodySink): void {
    this.isUsed = true
    this.#sink = sink
    this.gather()
    const takesMore = this.#held.release(sink)
    if (this.isEnded) this.#finish(sink)
    else if (!takesMore) this.#block()
    else if (this.isBlocked) this.resume()
  }

  resume(): void {
    this.isBlocked = false
    for (const stream of this.#streams()) resumeReading(stream)
  }

  /**
   * Stops sending. Data that the client still sends is read and dropped, so that the client gets to read its response.
   */
  stop(): void {
    this.#sink = undefined
    this.#asking = undefined
    this.#held.clear()
    this.#tellWhole()
    if (!this.#isReading || this.isEnded) return
    this.#raw.off('data', this.#onData)
    this.#raw.off('end', this.#onEnd)
    for (const stream of this.#streams()) resumeReading(stream)
  }

  /**
   * The streams that the body passes through, the last one first: over HTTP/2 the request has a stream of its own
   * beneath it.
   */
  #streams(): Readable[] {
    const { stream } = this.#raw as IncomingMessage & { stream?: Readable }
    return stream === undefined ? [this.#raw] : [this.#raw, stream]
  }

  readonly #onUnread = guarded(
    (): void => {
      if (this.#asking !== undefined) this.#events.onBodyUnasked()
    },
    (error) => this.#events.onThrow(error)
  )

  readonly #onData = guarded(
    (chunk: Buffer): void => {
      this.#request.bodySize += chunk.length
      if (!this.isBegun) this.#tellBegun()
      this.#received += chunk.length
      this.#left -= chunk.length
      if (this.#left < 0) {
        this.#raw.pause()
        return this.#events.onBodyTooLarge()
      }
      // Other listeners may keep the chunk.
      const ownership = this.#raw.listenerCount('data') === 1 ? 'given' : 'shared'
      const sink = this.#sink
      if (sink === undefined) this.#hold(chunk, ownership)
      this.#events.onBodyProgress()
      if (this.isWhole) this.#tellWhole()
      if (sink?.onChunk(chunk, ownership) === false) this.#block()
    },
    (error) => this.#events.onThrow(error)
  )

  readonly #onEnd = guarded(
    (): void => {
      this.isEnded = true
      // The request of `inject()` has no trailers.
      const { rawTrailers = [] } = this.#raw as Partial<IncomingMessage>
      this.#trailers = allowedTrailers(rawTrailers)
      this.#tellWhole()
      if (this.#sink === undefined) this.#events.onBodyEnd()
      else this.#finish(this.#sink)
    },
    (error) => this.#events.onThrow(error)
  )

  #hold(chunk: Buffer, ownership: Ownership): void {
    this.#held.add(chunk, ownership)
    if ((this.#held.isFull || !this.#held.hasRoom) && !this.isWhole) this.#block()
  }

  #block(): void {
    this.isBlocked = true
    for (const stream of this.#streams()) pauseReading(stream, this.#onUnread)
  }

  #finish(sink: BodySink): void {
    sink.onEnd(this.#trailers)
    this.#events.onBodyEnd()
  }

  #tellBegun(): void {
    const tell = this.whenBegun
    this.whenBegun = undefined
    tell?.()
  }

  #tellWhole(): void {
    const tell = this.whenWhole
    this.whenWhole = undefined
    tell?.()
  }
}
