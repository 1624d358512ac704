import type { Duplex } from 'node:stream'
import type { OriginFailure, ResponseHandler } from '../exchange.ts'

/**
 * Hears of the end of an exchange whose body was still coming when it was sent. The body's own end is not enough:
 * a body that was not begun is sent again after a failure, by another exchange.
 */
export class Upload implements ResponseHandler {
  readonly #handler: ResponseHandler
  #onEnd: (() => void) | undefined

  /** @param onEnd called once: the body has come, or the exchange is over */
  constructor(handler: ResponseHandler, onEnd: () => void) {
    this.#handler = handler
    this.#onEnd = onEnd
  }

  /** All of the body has come, or nobody wants the rest. */
  end(): void {
    const tell = this.#onEnd
    this.#onEnd = undefined
    tell?.()
  }

  onInformation(status: number, headers: readonly string[]): void {
    this.#handler.onInformation(status, headers)
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
