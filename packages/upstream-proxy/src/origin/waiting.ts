import {
  type Exchange,
  OriginFailure,
  type OriginRequest,
  type ResponseHandler
} from '../exchange.ts'
import { Upload } from './upload.ts'

/** Who wants an answer of an origin, and to know when the request leaves. */
export interface OriginHandler extends ResponseHandler {
  /** There is a connection, and the request is on its way. */
  onSent(): void
}

/** An exchange that waits for a connection; once it has one, it stands for the exchange there. */
export class Waiting implements Exchange {
  readonly request: OriginRequest
  readonly #handler: OriginHandler
  readonly #onLeave: (waiting: Waiting) => void
  #exchange: Exchange | undefined
  #upload: Upload | undefined
  #isCancelled = false

  /** @param onLeave it was cancelled while it waited */
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
   * Sends it on what can.
   *
   * @param onUploaded its body is still coming: called once, when all of that has come, or when the exchange ends
   * @returns whether it was sent: nobody may want it any more
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
