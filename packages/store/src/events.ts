import { channel } from 'node:diagnostics_channel'

/** `reliw.store.operation`: the driver was asked, and answered or failed. */
export interface OperationEvent {
  /** The method of the driver. */
  readonly operation: TimedOperation
  /** How long it took, in milliseconds, with fractions. */
  readonly ms: number
  /** Whether it rejected: the store was away, or refused. */
  readonly failed: boolean
}

/** The methods of a driver that are told of. Listings and subscriptions, which last, are not. */
export type TimedOperation =
  | 'get'
  | 'hashField'
  | 'hash'
  | 'type'
  | 'ttl'
  | 'write'
  | 'increment'
  | 'count'
  | 'take'
  | 'publish'

/** `reliw.store.rejected`: what was read is not what its key asks for. */
export interface RejectedEvent {
  /** The whole key; of a field of a hash, with the field after a space. */
  readonly key: string
  /** The kind of key: `API`, `WAF`, `SITE`, …; `other` for what is no part of the data model. */
  readonly family: string
}

/** The channels of `node:diagnostics_channel` that tell what happens, for metrics. */
export const channels = {
  operation: channel('reliw.store.operation'),
  rejected: channel('reliw.store.rejected')
}
