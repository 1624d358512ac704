import type { OriginFailure } from '../exchange.ts'
import { valueOf } from '../http1/header-fields.ts'
import type { Origin } from '../origin/origin.ts'
import { backoff, isIdempotent, parseRetryAfter } from '../policy/retry.ts'
import type { Group } from '../upstream/group.ts'
import type { ClientBody } from './client-body.ts'

/** The origins tried for a request, and the decision whether to retry it. */
export class Retries {
  readonly tried: Origin[] = []
  readonly #group: Group
  readonly #method: string
  readonly #body: ClientBody | undefined

  constructor(group: Group, method: string, body: ClientBody | undefined) {
    this.#group = group
    this.#method = method
    this.#body = body
  }

  /** Whether a usable origin is left that was not tried. */
  get hasOther(): boolean {
    return this.#group.hasOther(this.tried)
  }

  /**
   * Decides on a retry after a failure: only if the origin cannot have acted on the request, or acting twice does no
   * harm.
   *
   * @param until the time at which the response has to begin
   * @returns the pause before the retry in milliseconds, taken from the retry budget; undefined for no retry
   */
  afterFailure({ kind, isUnsent }: OriginFailure, until: number): number | undefined {
    if (this.#body?.isUsed === true) return undefined
    const isSafe = isUnsent || (kind === 'reset' && isIdempotent(this.#method))
    return isSafe ? this.#pause(0, until) : undefined
  }

  /** Decides on a retry after a response with one of the `retry` statuses; honours its Retry-After. */
  afterAnswer(status: number, headers: readonly string[], until: number): number | undefined {
    const { retry } = this.#group.settings
    if (retry === false || !retry.statuses.includes(status)) return undefined
    if (this.#body?.isUsed === true || !isIdempotent(this.#method)) return undefined
    return this.#pause(parseRetryAfter(valueOf(headers, 'retry-after'), Date.now()) ?? 0, until)
  }

  /** @param after the wait that the origin asked for, in milliseconds */
  #pause(after: number, until: number): number | undefined {
    const { retry } = this.#group.settings
    const { length: attempts } = this.tried
    if (retry === false || attempts >= retry.max_attempts || after > retry.max_backoff)
      return undefined
    // Another origin does not need time to recover.
    const pause = this.hasOther ? 0 : Math.max(after, backoff(attempts, retry))
    if (performance.now() + pause >= until) return undefined
    return this.#group.budget?.take() === true ? pause : undefined
  }
}
