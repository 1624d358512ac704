import type { Take, Taken } from '../store/driver.ts'
import type { Budget } from './budget.ts'

/**
 * A window that begins with its first use. One that would end later than a whole period from now is cut: its
 * period was longer, or the clock went back.
 */
export function takeFixed(budget: Budget, now: number, { limit, period }: Take): Taken {
  if (budget.until <= now) budget.count = 0
  if (budget.until <= now || budget.until > now + period) budget.until = now + period
  const reset = budget.until - now
  if (budget.count >= limit) return { allowed: false, remaining: 0, reset, retryAfter: reset }
  budget.count += 1
  return { allowed: true, remaining: limit - budget.count, reset, retryAfter: 0 }
}
