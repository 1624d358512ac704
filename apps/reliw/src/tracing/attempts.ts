import { type AttemptEvent, upstreamEvents } from '@reliw/http'
import { listen, once, type Publisher } from '@reliw/options'
import type { SpanIds } from './trace-context.ts'

/** A recorded request that is being forwarded. */
export interface Forwarded {
  readonly ids: SpanIds
  readonly method: string
}

/**
 * Listens to attempts at origins and finds the recorded request of each. When a trusted peer gave several concurrent
 * requests the same id, their attempts cannot be told apart and are not recorded.
 */
export class Attempts {
  /** By request id, then by span id. */
  readonly #forwarded = new Map<string, Map<string, Forwarded>>()
  readonly #onAttempt: (event: AttemptEvent, of: Forwarded) => void
  readonly #onFault: (error: unknown) => void
  #stop = (): void => undefined

  /** @param onFault called once when an attempt could not be recorded, so that the error does not end the process */
  constructor(
    onAttempt: (event: AttemptEvent, of: Forwarded) => void,
    onFault: (error: unknown) => void
  ) {
    this.#onAttempt = onAttempt
    this.#onFault = once(onFault)
  }

  /** Listens to the attempts of an app. */
  follow(app: Publisher): void {
    this.#stop = listen(upstreamEvents.attempt, app, (event) => this.#record(event), this.#onFault)
  }

  /** Adds a request that is being forwarded, until `forget` removes it. */
  expect(requestId: string, forwarded: Forwarded): void {
    const same = this.#forwarded.get(requestId)
    if (same !== undefined) same.set(forwarded.ids.spanId, forwarded)
    else this.#forwarded.set(requestId, new Map([[forwarded.ids.spanId, forwarded]]))
  }

  /** Removes a request that has ended. */
  forget(requestId: string, { spanId }: SpanIds): void {
    const same = this.#forwarded.get(requestId)
    if (same === undefined) return
    // When a client leaves, the proxy reports the attempt right after this call.
    queueMicrotask(() => {
      if (same.delete(spanId) && same.size === 0) this.#forwarded.delete(requestId)
    })
  }

  close(): void {
    this.#stop()
  }

  #record(event: AttemptEvent): void {
    const same = this.#forwarded.get(event.requestId)
    if (same?.size !== 1) return
    for (const forwarded of same.values()) this.#onAttempt(event, forwarded)
  }
}
