import { type AttemptEvent, upstreamEvents } from '@reliw/http'
import { listen, once, type Publisher } from '@reliw/options'
import type { SpanIds } from './trace-context.ts'

/** A recorded request that is forwarded. */
export interface Forwarded {
  readonly ids: SpanIds
  readonly method: string
}

/**
 * Hears of attempts at origins, and finds the recorded requests that they are made for. Where a trusted peer gave
 * several of them at once the same id, it cannot be told whose an attempt is: then it is not recorded.
 */
export class Attempts {
  /** By request id, then by span id. */
  readonly #forwarded = new Map<string, Map<string, Forwarded>>()
  readonly #onAttempt: (event: AttemptEvent, of: Forwarded) => void
  readonly #onFault: (error: unknown) => void
  #stop = (): void => undefined

  /** @param onFault told, once, that an attempt could not be recorded: no reason to end the process */
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

  /** The request is forwarded, until it is forgotten. */
  expect(requestId: string, forwarded: Forwarded): void {
    const same = this.#forwarded.get(requestId)
    if (same !== undefined) same.set(forwarded.ids.spanId, forwarded)
    else this.#forwarded.set(requestId, new Map([[forwarded.ids.spanId, forwarded]]))
  }

  /** The request is over. */
  forget(requestId: string, { spanId }: SpanIds): void {
    const same = this.#forwarded.get(requestId)
    if (same === undefined) return
    // The proxy hears of a client's leaving right after us, and tells then what became of the attempt.
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
