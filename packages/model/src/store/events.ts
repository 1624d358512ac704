import { eventChannel, type PublishedEvent } from '@reliw/options'

/** `reliw.store.operation`: a call of the driver ended. */
export interface OperationEvent extends PublishedEvent {
  /** Method of the driver. */
  readonly operation: TimedOperation
  /** Duration in milliseconds, with fractions. */
  readonly ms: number
  /** Whether the call rejected: the store was unavailable, or refused. */
  readonly failed: boolean
}

/** Methods of a driver whose calls are published. Listings and subscriptions, which are long-lived, are not. */
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

/** `reliw.store.rejected`: a stored value was read that is invalid for its key. */
export interface RejectedEvent extends PublishedEvent {
  /** The complete key; for a field of a hash, followed by a space and the field. */
  readonly key: string
  /** Family of the key: `API`, `WAF`, `SITE`, …; `other` for a key outside the data model. */
  readonly family: string
}

/** Events of a store, for metrics. Their publisher is `store.publisher`. */
export const storeEvents = {
  operation: eventChannel<OperationEvent>('reliw.store.operation'),
  rejected: eventChannel<RejectedEvent>('reliw.store.rejected')
}
