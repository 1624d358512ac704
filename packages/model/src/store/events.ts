import { eventChannel, type PublishedEvent } from '@reliw/options'

/** `reliw.store.operation`: the driver was asked, and answered or failed. */
export interface OperationEvent extends PublishedEvent {
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
export interface RejectedEvent extends PublishedEvent {
  /** The whole key; of a field of a hash, with the field after a space. */
  readonly key: string
  /** The kind of key: `API`, `WAF`, `SITE`, …; `other` for what is no part of the data model. */
  readonly family: string
}

/** What happens at a store, for metrics. Their publisher is `store.publisher`. */
export const storeEvents = {
  operation: eventChannel<OperationEvent>('reliw.store.operation'),
  rejected: eventChannel<RejectedEvent>('reliw.store.rejected')
}
