import { type LuaPattern, LuaPatternBudgetError } from '@reliw/lua-pattern'
import { OverBudget, type Transaction } from '../transaction.ts'

/** One rule: a pattern, and what it looks at. */
export interface Rule {
  /** Host, `query` or `header:<name>`, and its number from 1 on, such as `__/query/3`. */
  readonly name: string
  /** `query`, or `header:<name>`. */
  readonly where: string
  readonly pattern: LuaPattern
}

/** Bytes that a search looks past count as one step each this many. */
const BYTES_PER_STEP = 16

/** Whether a rule's pattern is in a value; throws OverBudget. */
export function finds(rule: Rule, value: string, budget: Transaction['budget']): boolean {
  const found = isIn(rule.pattern, value, budget)
  if (found === undefined) throw new OverBudget(rule.name, rule.where)
  return found
}

/** Whether a pattern is in a value; undefined when the steps were used up before that was known. */
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
