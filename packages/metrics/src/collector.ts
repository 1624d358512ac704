import type { Family } from './family.ts'

/** Something that has values to show. */
export interface Collector {
  /** Those of now; none where nothing was counted. May throw: the others are shown all the same. */
  collect(): readonly Family[]
  /** Listens no more. */
  close?(): void
}
