import { eventChannel, type PublishedEvent } from '@reliw/options'
import type { RequestEvent } from './request-event.ts'

/** `reliw.access.refused`: a request was refused because of its client's address. */
export interface AccessRefusedEvent extends RequestEvent {
  /**
   * - `denied`: `deny_from` has the client.
   * - `not allowed`: `allow_from` does not have the client.
   * - `undecided`: it is not known whether one of them has the client.
   */
  readonly reason: 'denied' | 'not allowed' | 'undecided'
  /** Whether the rule is the one of the site or the one of an entry. */
  readonly rule: 'site' | 'entry'
}

/** `reliw.access.fetched`: the URL of a list was fetched, or the fetch failed. */
export interface ListFetchedEvent extends PublishedEvent {
  /** The name of the list. */
  readonly list: string
  readonly result: 'changed' | 'unchanged' | 'failed'
}

/** Refusals of clients and fetches of lists, for metrics and logs. */
export const accessEvents = {
  refused: eventChannel<AccessRefusedEvent>('reliw.access.refused'),
  fetched: eventChannel<ListFetchedEvent>('reliw.access.fetched')
}
