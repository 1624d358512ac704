import { type ClientHttp2Stream, constants } from 'node:http2'
import type { FailureKind } from '@reliw/http'
import { guardMethods } from '@reliw/options'
import { type Exchange, OriginFailure, type ResponseHandler } from '../exchange.ts'
import { pauseReading, release, resumeReading } from '../pieces/paused-reading.ts'
import { receivedFields } from './fields.ts'
import { listenTo, type StreamListener } from './stream-events.ts'
import { failureKind } from './stream-failure.ts'
import { resetSoon } from './stream-reset.ts'

/** The owner of the stream that an exchange uses. */
export interface StreamOwner {
  /** The last stream that the origin processes, from its GOAWAY (RFC 9113 6.8); Infinity before that. */
  readonly lastStreamId: number
  /**
   * An exchange no longer needs its stream. Called once per exchange, before the exchange's handler learns of the end.
   */
  onFree(): void
}

const { NGHTTP2_CANCEL, NGHTTP2_PROTOCOL_ERROR, NGHTTP2_REFUSED_STREAM } = constants
/** security: maximum number of interim responses before the final one; more are an attack. */
const MAX_INTERIM = 64

/**
 * One request and its response on a stream. Node checks that the parts of a response are valid and in order (RFC 9113
 * 8.1); whatever it refuses, and everything that exceeds a limit, fails the exchange.
 */
export class Http2Exchange implements Exchange, StreamListener {
  static {
    guardMethods(Http2Exchange, (self, error) => {
      self.#fail('internal', 'a response could not be read', error as Error)
    })
  }

  readonly #stream: ClientHttp2Stream
  readonly #owner: StreamOwner
  /** Undefined after its last call. */
  #handler: ResponseHandler | undefined
  #interimCount = 0
  #hasHead = false
  #isPaused = false
  /** Whether the stream was closed before the end of the response. */
  #isCut = false
  /** Whether the whole response has arrived; the exchange cannot fail any more then. */
  #isWhole = false
  /** Data read from a closed stream while the handler takes no more. */
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

  onInterimFields(status: number, raw: readonly string[]): void {
    this.#interimCount++
    if (this.#interimCount > MAX_INTERIM)
      return this.#fail('protocol', 'too many interim responses')
    const fields = this.#receive(raw)
    if (fields !== undefined) this.#handler?.onInterim(status, fields)
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
    // Node would first wait until the origin has taken the request data already written.
    if (this.#isCut || !this.#hasHead) return resetSoon(this.#stream)
    this.#isWhole = true
    // An origin may respond before it has read the whole request (RFC 9113 8.1). The code is CANCEL because some
    // origins take a body that ends with NO_ERROR for complete.
    if (this.#stream.writableFinished) this.#owner.onFree()
    else this.#reset(NGHTTP2_CANCEL)
    if (!this.#isPaused) this.#finish()
  }

  onStreamClosing(isWhole: boolean): void {
    this.#isCut = !isWhole
    // The origin may close the connection now, and Node would drop unread data. At most one stream window is read here;
    // it arrives through `onStreamData`.
    if (!isWhole || !this.#isPaused) return
    release(this.#stream)
    // Without a length, Node 26 would read one buffer only; beyond the last byte is the end.
    this.#stream.read(this.#stream.readableLength + 1)
  }

  onStreamError(error: NodeJS.ErrnoException): void {
    const kind = failureKind(this.#stream.rstCode, error)
    this.#fail(kind, 'the stream broke', error)
  }

  onStreamClosed(): void {
    const { rstCode } = this.#stream
    this.#fail(failureKind(rstCode), `the stream was closed with code ${rstCode}`)
  }

  /** @returns undefined when the fields are too large; the exchange has failed then */
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
    if (this.#hasHead || this.#interimCount > 0) return false
    const { id, rstCode } = this.#stream
    return id === undefined || id > this.#owner.lastStreamId || rstCode === NGHTTP2_REFUSED_STREAM
  }

  #reset(code: number): void {
    resetSoon(this.#stream, code)
    this.#owner.onFree()
  }
}
