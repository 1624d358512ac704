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
 * Takes one use from a budget, which is changed in place; `take.key` is ignored. `redis/take-script.ts` of
 * `@reliw/store` does the same, with the same arithmetic.
 *
 * @param budget the state that earlier uses left, or a new budget
 * @param now epoch milliseconds, an integer
 */
export function takeFrom(budget: Budget, now: number, take: Take): Taken {
  const { limit, period } = take
  if (limit <= 0) return { allowed: false, remaining: 0, reset: period, retryAfter: period }
  return TAKE_ONE[take.algorithm](budget, now, take)
}
