import type { RequestView } from './request-view.ts'
import type { Match } from './match.ts'
import type { Transaction } from './transaction.ts'

/** Rules in one language, of one host or for all hosts. */
export interface RuleSet {
  /** Whether a request's head is known to match none of the rules. */
  readonly isClean: (view: RequestView) => boolean
  /**
   * Evaluates the rules and adds their matches to the transaction. Stops, and returns true, once `Transaction.add`
   * returns true. Throws OverBudget when the steps are exhausted.
   */
  readonly evaluate: (transaction: Transaction) => boolean
}

/** A rule exhausted the steps of the transaction. */
export class OverBudget extends Error {
  readonly rule: Pick<Match, 'rule' | 'ruleSet' | 'where'>

  constructor(rule: OverBudget['rule']) {
    super(`the rule ${rule.rule} exhausted the steps of the request`)
    this.rule = rule
  }
}
