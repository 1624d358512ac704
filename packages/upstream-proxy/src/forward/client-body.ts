import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { guarded } from '@reliw/options'
import type { FastifyRequest } from 'fastify'
import type { BodySink, RequestBody } from '../exchange.ts'
import { allowedTrailers } from '../headers/hop-by-hop.ts'
import { hasCome, pauseReading, resumeReading } from '../pieces/paused-reading.ts'
import type { Ownership } from '../pieces/piece-writer.ts'
import { expectationOf } from './expectations.ts'
import { HeldBody, SMALL, WINDOW } from './held-body.ts'

/** What has to be known of a body while it comes, and is sent. */
export interface BodyEvents {
  /** It waits for the origin to ask for it, or to refuse. */
  onBodyAwaited(): void
  /** Something of it has come that nobody had asked for. */
  onBodyUnasked(): void
  onBodyProgress(): void
  onBodyEnd(): void
  /** More came than is allowed; nothing more is read. */
  onBodyTooLarge(): void
  /** Something of ours threw. */
  onThrow(error: unknown): void
}

/**
 * The body of a client's request: counted, held until it is worth a connection, and then read as fast as the
 * origin takes it.
 */
export class ClientBody implements RequestBody {
  readonly length: number | undefined
  isUsed = false
  /** Whether all of it was read. */
  isEnded = false
  /** Whether it is us, or the origin, that takes no more at the moment. */
  isBlocked = false
  whenBegun: (() => void) | undefined
  whenWhole: (() => void) | undefined
  readonly #request: FastifyRequest
  readonly #raw: IncomingMessage
  readonly #events: BodyEvents
  readonly #held: HeldBody
  readonly #findClient: () => string
  #client: string | undefined
  /** Whether its client said that it waits to be asked. */
  readonly #isExpecting: boolean
  #isReading = false
  #left: number
  #received = 0
  #trailers: readonly string[] = []
  #sink: BodySink | undefined
  /** Waits for the origin to ask for it. */
  #asking: BodySink | undefined

  /**
   * @param length in bytes, if the client said so
   * @param limit the most bytes that may come
   * @param client whose room is taken while it is held, and whose part of the connections when it is sent
   */
  constructor(
    request: FastifyRequest,
    length: number | undefined,
    limit: number,
    client: () => string,
    events: BodyEvents
  ) {
    this.#findClient = client
    this.#held = new HeldBody(length !== undefined && length <= SMALL ? undefined : this.client)
    this.length = length
    // What fits into the window is held anyway before an origin is asked.
    this.#isExpecting =
      length !== undefined && length > WINDOW && expectationOf(request.raw) === 'continue'
    this.#request = request
    this.#raw = request.raw
    this.#left = limit
    this.#events = events
  }

  get client(): string {
    return (this.#client ??= this.#findClient())
  }

  get isAwaited(): boolean {
    return this.#isExpecting && !this.#isReading && !this.#streams().some(hasCome)
  }

  /** Whether some of it was read. */
  get isBegun(): boolean {
    return this.#received > 0
  }

  /** Whether its client was asked for it, and has not sent any. */
  get isOwed(): boolean {
    return this.#isExpecting && this.#isReading && !this.isBegun
  }

  /** Whether all of it is here, or was sent. */
  get isWhole(): boolean {
    return this.isEnded || this.#received === this.length
  }

  /** Whether it is worth a connection. */
  get isReady(): boolean {
    return this.isWhole || this.#held.isFull
  }

  /** Begins to read: what comes is held until there is a sink. */
  gather(): void {
    if (this.#isReading) return
    this.#isReading = true
    if (this.#sink === undefined && !this.#held.hasRoom) this.#block()
    this.#raw.on('data', this.#onData)
    this.#raw.on('end', this.#onEnd)
    if (this.isBlocked && (this.#sink !== undefined || this.#held.hasRoom)) this.resume()
  }

  /** It is held, and was not read on for want of room. @returns whether it is read on now */
  readOn(): boolean {
    if (!this.#held.hasRoom) return false
    this.#held.reserve()
    this.resume()
    return true
  }

  /** Its client is not asked yet: it is we who wait. */
  hold(): void {
    this.#block()
  }

  startWhenAsked(sink: BodySink): void {
    this.#asking = sink
    this.#events.onBodyAwaited()
  }

  /** The origin asks for it. */
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

  /** Sends no more; what the client still sends is read past, so that it can come to its answer. */
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

  /** What it passes through, the last one first: HTTP/2 has a stream of its own beneath the request. */
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
      // Whoever else listens may keep what it hears.
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
      // What stands in for a request in tests has none.
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
