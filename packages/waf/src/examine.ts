import { wafEvents } from '@reliw/http'
import type { WafMode } from '@reliw/model'
import type { Publisher } from '@reliw/options'
import type { RequestView } from './request-view.ts'
import { type Match, OverBudget, type RuleSet, type Transaction } from './transaction.ts'
import type { WafVerdict } from './verdict.ts'

/** The budget of an evaluation, in steps, and what happens when it is exhausted. */
interface Limits {
  readonly budget: number
  readonly on_budget: 'block' | 'pass'
}

/** Whether a request's head is known to match no rule. */
export function isClean(sets: readonly RuleSet[], view: RequestView): boolean {
  for (const set of sets) if (!set.isClean(view)) return false
  return true
}

/**
 * Evaluates the rules against a request's head, set by set, up to the first match. Undefined if no rule matched. An
 * exhausted budget is a verdict, not an error.
 */
export function examine(
  request: Pick<Transaction, 'id' | 'host' | 'view' | 'exclusions'>,
  sets: readonly RuleSet[],
  mode: WafMode,
  { budget, on_budget }: Limits,
  publisher: Publisher
): WafVerdict | undefined {
  const start = performance.now()
  const transaction: Transaction = { ...request, budget: { left: budget }, matches: [] }
  const { matches } = transaction
  let over: OverBudget | undefined
  let owner: RuleSet['owner'] = 'all'
  try {
    for (const set of sets) {
      owner = set.owner
      set.examine('request head', transaction)
      if (matches.length > 0) break
    }
  } catch (error) {
    if (!(error instanceof OverBudget)) throw error
    over = error
  }
  const decisive = over ?? matches.at(-1)
  const isHeard = wafEvents.examined.hasSubscribers
  if (decisive === undefined && !isHeard) return undefined
  const us = Math.round((performance.now() - start) * 1000)
  if (isHeard) wafEvents.examined.publish({ publisher, host: request.host, us })
  if (decisive === undefined) return undefined
  const blocks = mode === 'block' && (over === undefined || on_budget === 'block')
  return {
    action: blocks ? 'block' : over === undefined ? 'detect' : 'pass',
    rule: decisive.rule,
    ruleSet: owner,
    where: decisive.where,
    score: sumOf(matches),
    matches,
    isOverBudget: over !== undefined,
    us
  }
}

function sumOf(matches: readonly Match[]): number {
  return matches.reduce((sum, { score }) => sum + score, 0)
}
