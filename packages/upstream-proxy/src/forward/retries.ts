import type { OriginFailure } from '../exchange.ts'
import { valueOf } from '@reliw/http'
import type { Origin } from '../origin/origin.ts'
import { backoff, isIdempotent, parseRetryAfter } from '../policy/retry.ts'
import type { ClientBody } from './client-body.ts'
import type { ForwardedRequest } from './forwarded-request.ts'

/** The origins tried for a request, the choice of the next one, and the decision whether to retry. */
export class Retries {
  readonly #forwarded: ForwardedRequest
  readonly #body: ClientBody | undefined
  readonly #tried: Origin[] = []

  constructor(forwarded: ForwardedRequest, body: ClientBody | undefined) {
    this.#forwarded = forwarded
    this.#body = body
  }

  /** The number of attempts so far. */
  get attempts(): number {
    return this.#tried.length
  }

  /** Whether a usable origin is left that was not tried. */
  get hasOther(): boolean {
    return this.#forwarded.group.hasOther(this.#tried)
  }

  /**
   * Chooses the origin for the next attempt, preferably one that was not tried yet.
   *
   * @returns undefined when no origin is usable
   */
  nextOrigin(): Origin | undefined {
    const { group, reply, received } = this.#forwarded
    const isHashed = group.settings.lb === 'hash'
    const key = isHashed ? group.keyOf(reply.request.raw.headers, received.clientIp) : ''
    const origin = group.choose(this.#tried, key)
    if (origin !== undefined) this.#tried.push(origin)
    return origin
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
    const isSafe = isUnsent || (kind === 'reset' && this.#isIdempotent)
    return isSafe ? this.#pause(0, until) : undefined
  }

  /** Decides on a retry after a response with one of the `retry` statuses; honours its Retry-After. */
  afterResponse(status: number, headers: readonly string[], until: number): number | undefined {
    const { retry } = this.#forwarded.group.settings
    if (retry === false || !retry.statuses.includes(status)) return undefined
    if (this.#body?.isUsed === true || !this.#isIdempotent) return undefined
    return this.#pause(parseRetryAfter(valueOf(headers, 'retry-after'), Date.now()) ?? 0, until)
  }

  get #isIdempotent(): boolean {
    return isIdempotent(this.#forwarded.reply.request.raw.method ?? '')
  }

  /** @param after the delay in Retry-After, in milliseconds */
  #pause(after: number, until: number): number | undefined {
    const { retry } = this.#forwarded.group.settings
    const { attempts } = this
    if (retry === false || attempts >= retry.max_attempts || after > retry.max_backoff)
      return undefined
    // Another origin does not need time to recover.
    const pause = this.hasOther ? 0 : Math.max(after, backoff(attempts, retry))
    if (performance.now() + pause >= until) return undefined
    return this.#forwarded.group.budget?.take() === true ? pause : undefined
  }
}
