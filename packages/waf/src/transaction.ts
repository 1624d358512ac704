import type { WafExclusion } from '@reliw/model'
import type { RequestView } from './request-view.ts'

/** The phases in which rules are evaluated, in this order. */
export type Phase = 'request head' | 'request body' | 'response head' | 'response body'

/** A match of a rule. */
export interface Match {
  /** The name of the rule: unique, and stable until the rules change. */
  readonly rule: string
  /** The part of the request that matched: `query`, or `header:<name>`. */
  readonly where: string
  /** The byte string as received, neither truncated nor scrubbed: not for logs. */
  readonly value: string
  /** How strongly the match indicates an attack; 100 is enough to act. */
  readonly score: number
}

/** The evaluation of one request: what rule sets of every language and phase share. */
export interface Transaction {
  /** The request's id. */
  readonly id: string
  readonly host: string
  readonly view: RequestView
  /** Steps left for all rules together. */
  readonly budget: { left: number }
  /** The exclusions that apply to the host, whether a rule is the host's own or for all hosts. */
  readonly exclusions: readonly WafExclusion[]
  readonly matches: Match[]
}

/** Rules in one language. */
export interface RuleSet {
  /** The name in metrics and logs. */
  readonly name: string
  /** Whether the rules are for all hosts, or for one. */
  readonly owner: 'all' | 'host'
  /** Whether a request's head is known to match none of the rules. */
  readonly isClean: (view: RequestView) => boolean
  /** Evaluates the rules and adds matches to the transaction. Throws OverBudget when the steps are exhausted. */
  readonly examine: (phase: Phase, transaction: Transaction) => void
}

/** A rule exhausted the steps of the transaction. */
export class OverBudget extends Error {
  readonly rule: string
  readonly where: string

  constructor(rule: string, where: string) {
    super(`the rule ${rule} used up the steps that a request may take`)
    this.rule = rule
    this.where = where
  }
}
