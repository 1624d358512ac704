import { guarded } from '@reliw/options'
import type { Exchange, OriginFailure, ResponseHandler } from '../exchange.ts'

/** An exchange that could not begin. Its handler is called on the next tick, when the caller holds the exchange. */
export class FailedExchange implements Exchange {
  #handler: ResponseHandler | undefined

  constructor(failure: OriginFailure, handler: ResponseHandler) {
    this.#handler = handler
    const fail = (): void => this.#handler?.onError(failure)
    process.nextTick(guarded(fail, () => undefined))
  }

  resume(): void {
    // No data will arrive.
  }

  cancel(): void {
    this.#handler = undefined
  }
}
