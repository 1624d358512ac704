import type { Family } from './family.ts'

/** A part of the server that has metrics to show. */
export interface Collector {
  /** Current values; empty if nothing was counted. May throw: the other collectors are still shown. */
  collect(): readonly Family[]
  /** Ends its subscriptions. */
  close?(): void
}
