import type { WafMode } from '@reliw/model'
import { HttpRequestView, type RawRequest, type RequestView } from './request-view.ts'
import { OverBudget, type RuleSet } from './rule-set.ts'
import type { HostRules } from './rule-source.ts'
import { Transaction } from './transaction.ts'
import type { WafVerdict } from './verdict.ts'

/** The budget of an evaluation, in steps, and what happens when it is exhausted. */
interface Limits {
  readonly budget: number
  readonly on_budget: 'block' | 'pass'
}

/** What an evaluation found, and how long it took. */
interface Evaluation {
  /** Undefined if the matches do not suffice for a verdict. */
  readonly verdict: WafVerdict | undefined
  /** Duration, in microseconds. */
  readonly us: number
}

/**
 * Evaluates the rules of a host against a request's head. Undefined if there is nothing to evaluate: no rules, mode
 * `off`, or a head that is known to match none. An exhausted budget is a verdict, not an error.
 */
export function evaluate(
  raw: RawRequest,
  rules: HostRules,
  mode: WafMode,
  limits: Limits
): Evaluation | undefined {
  const { sets } = rules
  if (sets.length === 0 || mode === 'off') return undefined
  const view = new HttpRequestView(raw)
  if (isClean(sets, view)) return undefined
  const start = performance.now()
  const transaction = new Transaction(view, rules, limits.budget)
  const over = runRules(sets, transaction)
  const us = Math.round((performance.now() - start) * 1000)
  const { matches } = transaction
  // security: matches go before an exhausted budget, or a request that is refused for them could exhaust it to pass.
  const decisive = rules.policy.decide(matches)
  const isOverBudget = decisive === undefined && over !== undefined
  const found = decisive ?? over?.rule
  if (found === undefined) return { verdict: undefined, us }
  const { rule, ruleSet, where } = found
  const blocks = mode === 'block' && (!isOverBudget || limits.on_budget === 'block')
  const action = blocks ? 'block' : isOverBudget ? 'pass' : 'detect'
  const score = matches.reduce((sum, match) => sum + match.score, 0)
  return { verdict: { action, rule, ruleSet, where, score, matches, isOverBudget, us }, us }
}

/** Evaluates sets of rules in order, until the transaction stops. Returns the error if the budget was exhausted. */
export function runRules(
  sets: readonly RuleSet[],
  transaction: Transaction
): OverBudget | undefined {
  try {
    for (const set of sets) if (set.evaluate(transaction)) break
  } catch (error) {
    if (error instanceof OverBudget) return error
    throw error
  }
  return undefined
}

function isClean(sets: readonly RuleSet[], view: RequestView): boolean {
  for (const set of sets) if (!set.isClean(view)) return false
  return true
}
