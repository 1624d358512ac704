import { eventChannel, type PublishedEvent } from '@reliw/options'
import type { RequestEvent } from './request-event.ts'

/** `reliw.limits.exceeded`: a request was refused because a rate limit was exhausted. */
export interface ExceededEvent extends RequestEvent {
  /** The name of the policy; for an entry's own limit, the method. */
  readonly policy: string
}

/** `reliw.limits.refused`: a request was refused for another reason than a rate limit. */
export interface RefusedEvent extends RequestEvent {
  /**
   * - `banned`: the client is banned.
   * - `overloaded`: the process is close to its resource limits.
   * - `concurrency`: the maximum of concurrent requests is reached.
   * - `body_size`: the body is larger than `max_body_size`, and the request is not forwarded.
   * - `maintenance`: the site is in maintenance.
   */
  readonly reason: 'banned' | 'overloaded' | 'concurrency' | 'body_size' | 'maintenance'
}

/** `reliw.limits.banned`: a client was banned automatically for repeated refusals. */
export interface BannedEvent extends PublishedEvent {
  /** An IPv4 address or an IPv6 /64. */
  readonly block: string
  /** The reason, as readable text. */
  readonly reason: string
}

/** Refusals and bans, for metrics and logs. */
export const limitsEvents = {
  exceeded: eventChannel<ExceededEvent>('reliw.limits.exceeded'),
  refused: eventChannel<RefusedEvent>('reliw.limits.refused'),
  banned: eventChannel<BannedEvent>('reliw.limits.banned')
}
