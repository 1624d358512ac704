import type { Exchange, OriginFailure, ResponseHandler } from '../exchange.ts'

/** An exchange that could not begin. Its handler hears of it when the caller holds the exchange. */
export class FailedExchange implements Exchange {
  #handler: ResponseHandler | undefined

  constructor(failure: OriginFailure, handler: ResponseHandler) {
    this.#handler = handler
    process.nextTick(() => this.#handler?.onError(failure))
  }

  resume(): void {
    // Nothing comes.
  }

  cancel(): void {
    this.#handler = undefined
  }
}
