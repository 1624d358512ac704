import type { Match } from './match.ts'

/** How the matches of a request, without those that an exclusion covers, become a verdict. */
export interface VerdictPolicy {
  /** Whether the decision is final: evaluation stops, because no further match could change it. */
  readonly isFinal: (matches: readonly Match[]) => boolean
  /** The decisive match; undefined if the matches do not suffice for a verdict. */
  readonly decide: (matches: readonly Match[]) => Match | undefined
}

/** The first match decides. */
export const firstMatch: VerdictPolicy = {
  isFinal: (matches) => matches.length > 0,
  decide: ([first]) => first
}
