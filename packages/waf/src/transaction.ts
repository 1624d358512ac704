import type { WafExclusion } from '@reliw/model'
import type { RequestView } from './request-view.ts'

/** When rules look at a transaction, in this order. */
export type Phase = 'request head' | 'request body' | 'response head' | 'response body'

/** A rule that found what it looks for. */
export interface Match {
  /** Which: unique, and the same until the rules change. */
  readonly rule: string
  /** Where: `query`, or `header:<name>`. */
  readonly where: string
  /** What it was found in: a byte string as it came, unclipped and unscrubbed. */
  readonly value: string
  /** How much it says of the request being an attack; 100 is enough to act upon. */
  readonly score: number
}

/** One request under examination: what rules of any language and any phase share. */
export interface Transaction {
  /** The request's id. */
  readonly id: string
  readonly host: string
  readonly view: RequestView
  /** Steps that are left to all rules together. */
  readonly budget: { left: number }
  /** What is to be overlooked on this host, whoever's the rule. */
  readonly exclusions: readonly WafExclusion[]
  readonly matches: Match[]
}

/** Rules of one language. */
export interface RuleSet {
  /** What metrics and logs call it. */
  readonly name: string
  /** Whose rules they are: of all hosts, or of one. */
  readonly owner: 'all' | 'host'
  /** Whether it is known already that nothing would be found in a request's head. */
  readonly isClean: (view: RequestView) => boolean
  /** Adds what it finds to the transaction. Throws OverBudget when the steps are used up. */
  readonly examine: (phase: Phase, transaction: Transaction) => void
}

/** The steps of a transaction were used up within a rule. */
export class OverBudget extends Error {
  readonly rule: string
  readonly where: string

  constructor(rule: string, where: string) {
    super(`the rule ${rule} used up the steps that a request may take`)
    this.rule = rule
    this.where = where
  }
}
