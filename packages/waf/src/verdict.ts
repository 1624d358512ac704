import type { WafFinding } from '@reliw/http'
import type { Match } from './transaction.ts'

/** What came of an examination that found something. */
export interface WafVerdict extends WafFinding {
  readonly matches: readonly Match[]
}
