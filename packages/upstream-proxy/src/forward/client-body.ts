import type { FastifyRequest } from 'fastify'
import type { BodySink, RequestBody } from '../exchange.ts'
import type { Ownership } from '../pieces/piece-writer.ts'
import { BodyReader, type ReaderEvents } from './body-reader.ts'
import { expectationOf } from './expectations.ts'
import { clientOf } from './failure-source.ts'
import { HeldBody, SMALL, WINDOW } from './held-body.ts'

/** The events of a request body while it arrives and is sent. */
export interface BodyEvents {
  /** The body waits until the origin requests it or refuses it. */
  onBodyAwaited(): void
  /** Part of the body has arrived before it was requested from the client. */
  onBodyUnrequested(): void
  onBodyProgress(): void
  onBodyEnd(): void
  /** The body exceeds its limit; reading has stopped. */
  onBodyTooLarge(): void
  /** An internal exception was thrown. */
  onThrow(error: unknown): void
}

/** The body of a client's request: held until it is worth a connection, then read as fast as the origin takes it. */
export class ClientBody implements RequestBody, ReaderEvents {
  readonly length: number | undefined
  isUsed = false
  whenBegun: (() => void) | undefined
  whenWhole: (() => void) | undefined
  readonly #events: BodyEvents
  readonly #reader: BodyReader
  readonly #held: HeldBody
  readonly #clientIp: string
  #client: string | undefined
  /** Whether the client waits for `100 Continue` before it sends the body. */
  readonly #isExpecting: boolean
  #trailers: readonly string[] = []
  #sink: BodySink | undefined
  /** The sink that gets the body once the origin requests it. */
  #announcedTo: BodySink | undefined

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
    // A body that fits into the window is held completely before it is sent to an origin, so the origin need not decide.
    this.#isExpecting =
      length !== undefined && length > WINDOW && expectationOf(request.raw) === 'continue'
    this.#reader = new BodyReader(request, limit, this)
    this.#events = events
  }

  get client(): string {
    return (this.#client ??= clientOf(this.#clientIp))
  }

  get isAwaited(): boolean {
    return this.#isExpecting && !this.#reader.isReading && !this.#reader.hasUnread
  }

  /** Whether reading is paused by this server or the origin, so that the client is not at fault for a delay. */
  get isBlocked(): boolean {
    return this.#reader.isPaused
  }

  /** Whether the body was requested from the client, which has not sent any of it. */
  get isOwed(): boolean {
    return this.#isExpecting && this.#reader.isReading && this.#reader.received === 0
  }

  /** Whether the whole body was read. */
  get isEnded(): boolean {
    return this.#reader.isEnded
  }

  /** Whether the whole body has arrived. */
  get isWhole(): boolean {
    return this.isEnded || this.#reader.received === this.length
  }

  /** Whether enough of the body has arrived to be worth a connection. */
  get isReady(): boolean {
    return this.isWhole || this.#held.isFull
  }

  /** Does not request the body from the client yet; the delay is ours. */
  hold(): void {
    this.#reader.pause()
  }

  /** Begins to read. Data is held until there is a sink. */
  gather(): void {
    if (this.#reader.isReading) return
    const mayRead = this.#sink !== undefined || this.#held.hasRoom
    if (!mayRead) this.#reader.pause()
    this.#reader.begin()
    if (mayRead && this.isBlocked) this.resume()
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

  startWhenRequested(sink: BodySink): void {
    this.#announcedTo = sink
    this.#events.onBodyAwaited()
  }

  /** The origin requests the body. */
  startAnnounced(): void {
    const sink = this.#announcedTo
    this.#announcedTo = undefined
    if (sink !== undefined) this.start(sink)
  }

  start(sink: BodySink): void {
    this.isUsed = true
    this.#sink = sink
    this.gather()
    const takesMore = this.#held.release(sink)
    if (this.isEnded) this.#finish(sink)
    else if (!takesMore) this.#reader.pause()
    else if (this.isBlocked) this.resume()
  }

  resume(): void {
    this.#reader.resume()
  }

  /** Stops sending; the rest of the body is dropped. */
  stop(): void {
    this.#sink = undefined
    this.#announcedTo = undefined
    this.#held.clear()
    this.#reportWhole()
    this.#reader.stop()
  }

  onUnread(): void {
    if (this.#announcedTo !== undefined) this.#events.onBodyUnrequested()
  }

  onChunk(chunk: Buffer, ownership: Ownership): void {
    this.#reportBegun()
    const sink = this.#sink
    if (sink === undefined) this.#hold(chunk, ownership)
    this.#events.onBodyProgress()
    if (this.isWhole) this.#reportWhole()
    if (sink?.onChunk(chunk, ownership) === false) this.#reader.pause()
  }

  onTooLarge(): void {
    this.#events.onBodyTooLarge()
  }

  onEnd(trailers: readonly string[]): void {
    this.#trailers = trailers
    this.#reportWhole()
    if (this.#sink === undefined) this.#events.onBodyEnd()
    else this.#finish(this.#sink)
  }

  onThrow(error: unknown): void {
    this.#events.onThrow(error)
  }

  #hold(chunk: Buffer, ownership: Ownership): void {
    this.#held.add(chunk, ownership)
    if ((this.#held.isFull || !this.#held.hasRoom) && !this.isWhole) this.#reader.pause()
  }

  #finish(sink: BodySink): void {
    sink.onEnd(this.#trailers)
    this.#events.onBodyEnd()
  }

  #reportBegun(): void {
    const report = this.whenBegun
    this.whenBegun = undefined
    report?.()
  }

  #reportWhole(): void {
    const report = this.whenWhole
    this.whenWhole = undefined
    report?.()
  }
}
