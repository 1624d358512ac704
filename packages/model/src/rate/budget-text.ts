import type { Take } from '../store/driver.ts'
import { type Budget, newBudget } from './budget.ts'

/** How one algorithm's budgets are written. */
interface Form {
  /** Its numbers, each of at most 15 digits: those are exact in Lua as well. */
  pattern: RegExp
  encode: (budget: Budget) => string
  /** Puts the numbers of the text where they belong. */
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

/** A budget as it is stored. `until` is not in it: that is the key's lifetime. */
export function encodeBudget(budget: Budget, algorithm: Take['algorithm']): string {
  return FORMS[algorithm].encode(budget)
}

/**
 * What `encodeBudget` wrote; anything else is a budget that was never used.
 *
 * @param until when the key's lifetime ends; 0: it has none, and a window without an end is over
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
