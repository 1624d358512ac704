import type { Take, Taken } from '../store/driver.ts'
import type { Budget } from './budget.ts'
import { takeFixed } from './fixed-window.ts'
import { takeGcra } from './gcra.ts'
import { takeSliding } from './sliding-window.ts'

type TakeOne = (budget: Budget, now: number, take: Take) => Taken

const TAKE_ONE: Readonly<Record<Take['algorithm'], TakeOne>> = {
  fixed: takeFixed,
  sliding: takeSliding,
  gcra: takeGcra
}

/**
 * Uses one of a budget, which is changed in place; `take.key` plays no part. `redis/take-script.ts` does the
 * same, in the same numbers.
 *
 * @param budget what earlier uses left, or a new one
 * @param now epoch milliseconds, whole
 */
export function takeFrom(budget: Budget, now: number, take: Take): Taken {
  const { limit, period } = take
  if (limit <= 0) return { allowed: false, remaining: 0, reset: period, retryAfter: period }
  return TAKE_ONE[take.algorithm](budget, now, take)
}
