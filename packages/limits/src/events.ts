import { channel } from 'node:diagnostics_channel'

/** `reliw.limits.exceeded`: a request was refused because a budget had run out. */
export interface ExceededEvent {
  /** The policy’s name; of an entry’s own limit, the method. */
  readonly policy: string
  readonly host: string
  /** '' when it is not known. */
  readonly clientIp: string
  readonly requestId: string
}

/** `reliw.limits.refused`: a request was not let in, whatever it asked for. */
export interface RefusedEvent {
  /**
   * `banned`: its client is; `overloaded`: the process is near its own limits; `concurrency`: as many requests as
   * there may be are in flight.
   */
  readonly reason: 'banned' | 'overloaded' | 'concurrency'
  readonly host: string
  /** '' when it is not known. */
  readonly clientIp: string
  readonly requestId: string
}

/** `reliw.limits.banned`: a client was banned for what it was refused again and again. */
export interface BannedEvent {
  /** An address, or an IPv6 /64. */
  readonly block: string
  /** What for, in words. */
  readonly reason: string
}

/** The channels of `node:diagnostics_channel` that tell what happens, for metrics and logs. */
export const channels = {
  exceeded: channel('reliw.limits.exceeded'),
  refused: channel('reliw.limits.refused'),
  banned: channel('reliw.limits.banned')
}
