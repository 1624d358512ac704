import { type ClientHttp2Stream, constants } from 'node:http2'
import type { FailureKind } from '@reliw/http'
import { guardMethods } from '@reliw/options'
import { type Exchange, OriginFailure, type ResponseHandler } from '../exchange.ts'
import { pauseReading, release, resumeReading } from '../pieces/paused-reading.ts'
import { receivedFields } from './fields.ts'
import { listenTo, type StreamListener } from './stream-events.ts'
import { failureKind } from './stream-failure.ts'

/** Whose stream an exchange uses. */
export interface StreamOwner {
  /** The last one that the origin acts on, once it has said so (RFC 9113 6.8); else Infinity. */
  readonly lastStreamId: number
  /** An exchange needs its stream no longer. Told once for each, before its handler hears of it. */
  onFree(): void
}

const { NGHTTP2_CANCEL, NGHTTP2_PROTOCOL_ERROR, NGHTTP2_REFUSED_STREAM } = constants
/** Informations before an answer; more are an attack. */
const MAX_INFORMATIONS = 64

/**
 * One request and its answer on a stream. That the parts of an answer are valid and in their order
 * (RFC 9113 8.1) is seen to by node; what it refuses, and too much of anything, fails here.
 */
export class Http2Exchange implements Exchange, StreamListener {
  static {
    guardMethods(Http2Exchange, (self, error) => {
      self.#fail('internal', 'an answer could not be read', error as Error)
    })
  }

  readonly #stream: ClientHttp2Stream
  readonly #owner: StreamOwner
  /** Undefined once it has heard the last. */
  #handler: ResponseHandler | undefined
  #informations = 0
  #hasHead = false
  #isPaused = false
  /** Whether the stream was closed before the answer had ended. */
  #isCut = false
  /** Whether the whole answer is here; then nothing can go wrong any more. */
  #isWhole = false
  /** What was read of a closed stream while the handler takes no more. */
  #rest: Buffer | undefined
  #trailers: readonly string[] = []

  constructor(stream: ClientHttp2Stream, owner: StreamOwner, handler: ResponseHandler) {
    this.#stream = stream
    this.#owner = owner
    this.#handler = handler
    listenTo(stream, this)
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    const rest = this.#rest
    if (rest !== undefined) {
      this.#rest = undefined
      this.onStreamData(rest)
    }
    if (this.#isPaused) return
    if (this.#isWhole) this.#finish()
    else resumeReading(this.#stream)
  }

  cancel(): void {
    if (this.#handler === undefined) return
    this.#handler = undefined
    this.#rest = undefined
    if (!this.#isWhole) this.#reset(NGHTTP2_CANCEL)
  }

  onInformationFields(status: number, raw: readonly string[]): void {
    this.#informations++
    if (this.#informations > MAX_INFORMATIONS) return this.#fail('protocol', 'too many 1xx')
    const fields = this.#receive(raw)
    if (fields !== undefined) this.#handler?.onInformation(status, fields)
  }

  onResponseFields(status: number, raw: readonly string[]): void {
    const fields = this.#receive(raw)
    if (fields === undefined) return
    this.#hasHead = true
    this.#handler?.onHead(status, fields)
  }

  onTrailerFields(raw: readonly string[]): void {
    this.#trailers = this.#receive(raw) ?? []
  }

  onStreamData(chunk: Buffer): void {
    if (this.#isPaused) {
      this.#rest = chunk
    } else if (this.#handler?.onData(chunk, false) === false) {
      this.#isPaused = true
      pauseReading(this.#stream)
    }
  }

  onStreamEnd(): void {
    if (this.#handler === undefined) return
    // node would wait until what was sent of the request has been taken.
    if (this.#isCut || !this.#hasHead) return void this.#stream.destroy()
    this.#isWhole = true
    // An origin may answer before it has read everything (RFC 9113 8.1). CANCEL, since some take a
    // body that NO_ERROR ends for a whole one.
    if (this.#stream.writableFinished) this.#owner.onFree()
    else this.#reset(NGHTTP2_CANCEL)
    if (!this.#isPaused) this.#finish()
  }

  onStreamClosing(isWhole: boolean): void {
    this.#isCut = !isWhole
    // The origin may close the connection now, and node would drop what has not been read. This is
    // no more than a stream's window; it comes by `onStreamData`.
    if (!isWhole || !this.#isPaused) return
    release(this.#stream)
    this.#stream.read()
  }

  onStreamError(error: NodeJS.ErrnoException): void {
    const kind = failureKind(this.#stream.rstCode, error)
    this.#fail(kind, 'the stream broke', error)
  }

  onStreamClosed(): void {
    const { rstCode } = this.#stream
    this.#fail(failureKind(rstCode), `the stream was closed with code ${rstCode}`)
  }

  /** @returns undefined for what is too large; the exchange has failed then */
  #receive(raw: readonly string[]): string[] | undefined {
    const fields = receivedFields(raw)
    if (fields === undefined) this.#fail('protocol', 'too large a header list')
    return fields
  }

  #finish(): void {
    const handler = this.#handler
    this.#handler = undefined
    handler?.onEnd(this.#trailers)
  }

  #fail(kind: FailureKind, message: string, cause?: Error): void {
    const handler = this.#handler
    if (handler === undefined || this.#isWhole) return
    this.#handler = undefined
    this.#rest = undefined
    const isUnsent = this.#isUnsent()
    this.#reset(kind === 'protocol' ? NGHTTP2_PROTOCOL_ERROR : NGHTTP2_CANCEL)
    handler.onError(new OriginFailure(kind, message, { isUnsent, cause }))
  }

  #isUnsent(): boolean {
    if (this.#hasHead || this.#informations > 0) return false
    const { id, rstCode } = this.#stream
    return id === undefined || id > this.#owner.lastStreamId || rstCode === NGHTTP2_REFUSED_STREAM
  }

  /** Gives the stream up; of one that is over already, only what it holds. */
  #reset(code: number): void {
    this.#stream.close(code)
    this.#stream.destroy()
    this.#owner.onFree()
  }
}
