import type { WafFinding } from '@reliw/http'
import type { Match } from './transaction.ts'

/** The result of an evaluation in which a rule matched, or the budget was exhausted. */
export interface WafVerdict extends WafFinding {
  readonly matches: readonly Match[]
}
