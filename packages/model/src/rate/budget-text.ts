import type { Take } from '../store/driver.ts'
import { type Budget, newBudget } from './budget.ts'

/** Text form of one algorithm's budgets. */
interface Form {
  /** Captures the numbers, each of at most 15 digits, so that Lua represents them exactly too. */
  pattern: RegExp
  encode: (budget: Budget) => string
  /** Assigns the captured numbers to the fields of the budget. */
  fill: (budget: Budget, numbers: readonly string[]) => void
}

const FORMS: Readonly<Record<Take['algorithm'], Form>> = {
  fixed: {
    pattern: /^(\d{1,15})$/,
    encode: ({ count }) => `${count}`,
    fill(budget, [, count]) {
      budget.count = Number(count)
    }
  },
  sliding: {
    pattern: /^(\d{1,15}) (\d{1,15}) (\d{1,15})$/,
    encode: ({ at, count, rest }) => `${at} ${count} ${rest}`,
    fill(budget, [, at, count, rest]) {
      budget.at = Number(at)
      budget.count = Number(count)
      budget.rest = Number(rest)
    }
  },
  gcra: {
    pattern: /^(\d{1,15}) (\d{1,15})$/,
    encode: ({ at, rest }) => `${at} ${rest}`,
    fill(budget, [, at, rest]) {
      budget.at = Number(at)
      budget.rest = Number(rest)
    }
  }
}

/** Encodes a budget for the store, without `until`, which is the key's expiry. */
export function encodeBudget(budget: Budget, algorithm: Take['algorithm']): string {
  return FORMS[algorithm].encode(budget)
}

/**
 * Decodes the output of `encodeBudget`; any other text becomes an unused budget.
 *
 * @param until expiry of the key, in epoch milliseconds; 0 if it has none, and then a fixed window is over
 */
export function decodeBudget(text: string, algorithm: Take['algorithm'], until: number): Budget {
  const budget = newBudget()
  const { pattern, fill } = FORMS[algorithm]
  const numbers = pattern.exec(text)
  if (numbers === null) return budget
  fill(budget, numbers)
  budget.until = until
  return budget
}
