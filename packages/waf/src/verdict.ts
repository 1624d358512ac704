import type { Match } from './transaction.ts'

/** What came of an examination that found something. */
export interface WafVerdict {
  /** What is done about it. */
  readonly action: 'block' | 'detect' | 'pass'
  /** Which rule decided. */
  readonly rule: string
  /** Whose it is: of all hosts (`__`), or of the host that was asked for. */
  readonly ruleSet: 'all' | 'host'
  /** Where it looked: `query`, or `header:<name>`. */
  readonly where: string
  /** The sum of what was found. */
  readonly score: number
  readonly matches: readonly Match[]
  /** Whether the steps were used up instead of something being found. */
  readonly isOverBudget: boolean
  /** What the examination took, in microseconds. */
  readonly us: number
}
