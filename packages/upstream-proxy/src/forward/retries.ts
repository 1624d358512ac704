import type { OriginFailure } from '../exchange.ts'
import { valueOf } from '../http1/header-fields.ts'
import type { Origin } from '../origin/origin.ts'
import { backoff, isIdempotent, parseRetryAfter } from '../policy/retry.ts'
import type { Group } from '../upstream/group.ts'
import type { ClientBody } from './client-body.ts'

/** Which origins a request was sent to, and whether it is sent once more. */
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

  /** Whether there is a usable origin that was not asked. */
  get hasOther(): boolean {
    return this.#group.hasOther(this.tried)
  }

  /**
   * After a failure: an attempt that cannot do again what this one may have done already.
   *
   * @returns the pause before it in milliseconds, undefined for none; it is paid for then
   */
  afterFailure({ kind, isUnsent }: OriginFailure, until: number): number | undefined {
    if (this.#body?.isUsed === true) return undefined
    const isSafe = isUnsent || (kind === 'reset' && isIdempotent(this.#method))
    return isSafe ? this.#pause(0, until) : undefined
  }

  /** After an answer that is worth another attempt, which honours its Retry-After. */
  afterAnswer(status: number, headers: readonly string[], until: number): number | undefined {
    const { retry } = this.#group.settings
    if (retry === false || !retry.statuses.includes(status)) return undefined
    if (this.#body?.isUsed === true || !isIdempotent(this.#method)) return undefined
    return this.#pause(parseRetryAfter(valueOf(headers, 'retry-after'), Date.now()) ?? 0, until)
  }

  /** @param after milliseconds that the origin asked to wait */
  #pause(after: number, until: number): number | undefined {
    const { retry } = this.#group.settings
    const { length: attempts } = this.tried
    if (retry === false || attempts >= retry.max_attempts || after > retry.max_backoff)
      return undefined
    // Another origin has nothing to recover from.
    const pause = this.hasOther ? 0 : Math.max(after, backoff(attempts, retry))
    if (performance.now() + pause >= until) return undefined
    return this.#group.budget?.take() === true ? pause : undefined
  }
}
