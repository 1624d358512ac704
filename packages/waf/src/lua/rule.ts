import { type LuaPattern, LuaPatternBudgetError } from '@reliw/lua-pattern'
import type { Match } from '../match.ts'
import { OverBudget } from '../rule-set.ts'
import type { Transaction } from '../transaction.ts'

/** One rule: a pattern, and the part of the request that it matches against. */
export interface Rule extends Pick<Match, 'ruleSet' | 'where'> {
  /** Host (`__`: all hosts), `query` or `header:<name>`, and number from 1 on, such as `__/query/3`. */
  readonly name: string
  readonly pattern: LuaPattern
}

/** Number of searched bytes that count as one step. */
const BYTES_PER_STEP = 16

/** Whether a rule's pattern matches a value. Throws OverBudget. */
export function finds(rule: Rule, value: string, budget: Transaction['budget']): boolean {
  const { name, ruleSet, where, pattern } = rule
  const found = isIn(pattern, value, budget)
  if (found === undefined) throw new OverBudget({ rule: name, ruleSet, where })
  return found
}

/** Whether a pattern matches a value; undefined if the steps were exhausted before that was known. */
export function isIn(
  pattern: LuaPattern,
  value: string,
  budget: Transaction['budget']
): boolean | undefined {
  budget.left -= 1 + Math.floor(value.length / BYTES_PER_STEP)
  if (budget.left <= 0) return undefined
  try {
    return pattern.test(value, budget)
  } catch (error) {
    if (error instanceof LuaPatternBudgetError) return undefined
    throw error
  }
}
