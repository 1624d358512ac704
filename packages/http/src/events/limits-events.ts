import { eventChannel, type PublishedEvent } from '@reliw/options'
import type { RequestEvent } from './request-event.ts'

/** `reliw.limits.exceeded`: a request was refused because a budget had run out. */
export interface ExceededEvent extends RequestEvent {
  /** The policy's name; of an entry's own limit, the method. */
  readonly policy: string
}

/** `reliw.limits.refused`: a request was not let in, whatever it asked for. */
export interface RefusedEvent extends RequestEvent {
  /**
   * `banned`: its client is; `overloaded`: the process is near its own limits; `concurrency`: as many requests as
   * there may be are in flight.
   */
  readonly reason: 'banned' | 'overloaded' | 'concurrency'
}

/** `reliw.limits.banned`: a client was banned for what it was refused again and again. */
export interface BannedEvent extends PublishedEvent {
  /** An address, or an IPv6 /64. */
  readonly block: string
  /** What for, in words. */
  readonly reason: string
}

/** What happens at the limits, for metrics and logs. */
export const limitsEvents = {
  exceeded: eventChannel<ExceededEvent>('reliw.limits.exceeded'),
  refused: eventChannel<RefusedEvent>('reliw.limits.refused'),
  banned: eventChannel<BannedEvent>('reliw.limits.banned')
}
