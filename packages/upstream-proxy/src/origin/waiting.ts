import {
  type Exchange,
  OriginFailure,
  type OriginRequest,
  type ResponseHandler
} from '../exchange.ts'
import { Upload } from './upload.ts'

/** Receives the response of an origin, and learns when the request is sent. */
export interface OriginHandler extends ResponseHandler {
  /** A connection was found, and the request is being sent. */
  onSent(): void
}

/** An exchange that waits for a connection; afterwards it delegates to the exchange on that connection. */
export class Waiting implements Exchange {
  readonly request: OriginRequest
  readonly #handler: OriginHandler
  readonly #onLeave: (waiting: Waiting) => void
  #exchange: Exchange | undefined
  #upload: Upload | undefined
  #isCancelled = false

  /** @param onLeave called when the exchange is cancelled while it waits */
  constructor(
    request: OriginRequest,
    handler: OriginHandler,
    onLeave: (waiting: Waiting) => void = () => {}
  ) {
    this.request = request
    this.#handler = handler
    this.#onLeave = onLeave
  }

  /**
   * Sends the request on a connection or session.
   *
   * @param onUploaded given when the body is still arriving: called once, when it is complete or the exchange ends
   * @returns whether the request was sent: false after a cancellation
   */
  start(
    taker: { send(request: OriginRequest, handler: ResponseHandler): Exchange },
    onUploaded?: () => void
  ): boolean {
    if (this.#isCancelled) {
      onUploaded?.()
      return false
    }
    const { body } = this.request
    if (onUploaded !== undefined && body !== undefined) {
      const upload = new Upload(this.#handler, onUploaded)
      this.#upload = upload
      body.whenWhole = () => upload.end()
    }
    this.#handler.onSent()
    try {
      this.#exchange = taker.send(this.request, this.#upload ?? this.#handler)
    } catch (cause) {
      this.fail(new OriginFailure('internal', 'the request could not be sent', { cause }))
    }
    return true
  }

  fail(error: OriginFailure): void {
    this.#upload?.end()
    if (!this.#isCancelled) this.#handler.onError(error)
  }

  resume(): void {
    this.#exchange?.resume()
  }

  cancel(): void {
    this.#isCancelled = true
    if (this.#exchange === undefined) this.#onLeave(this)
    else this.#exchange.cancel()
    this.#upload?.end()
  }
}
