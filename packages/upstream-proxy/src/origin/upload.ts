import type { Duplex } from 'node:stream'
import type { OriginFailure, ResponseHandler } from '../exchange.ts'

/**
 * Reports the end of an exchange whose body was still arriving when the request was sent. The end of the body is not
 * enough: after a failure, a body that has not begun is sent by another exchange.
 */
export class Upload implements ResponseHandler {
  readonly #handler: ResponseHandler
  #onEnd: (() => void) | undefined

  /** @param onEnd called once, when the body is complete or the exchange is over */
  constructor(handler: ResponseHandler, onEnd: () => void) {
    this.#handler = handler
    this.#onEnd = onEnd
  }

  /** The whole body has arrived, or its rest is no longer wanted. */
  end(): void {
    const onEnd = this.#onEnd
    this.#onEnd = undefined
    onEnd?.()
  }

  onInterim(status: number, headers: readonly string[]): void {
    this.#handler.onInterim(status, headers)
  }

  onHead(status: number, headers: readonly string[]): void {
    this.#handler.onHead(status, headers)
  }

  onData(chunk: Buffer, isLast: boolean): boolean {
    return this.#handler.onData(chunk, isLast)
  }

  onEnd(trailers: readonly string[]): void {
    this.end()
    this.#handler.onEnd(trailers)
  }

  onUpgrade(headers: readonly string[], socket: Duplex, head: Buffer): void {
    this.end()
    this.#handler.onUpgrade(headers, socket, head)
  }

  onError(error: OriginFailure): void {
    this.end()
    this.#handler.onError(error)
  }
}
