import type { WafFinding } from '@reliw/http'
import type { Match } from './match.ts'

/** The result of an evaluation whose matches decided, or whose budget was exhausted. */
export interface WafVerdict extends WafFinding {
  /** The matches that no exclusion covers. */
  readonly matches: readonly Match[]
}
