import type { Take, Taken } from '../store/driver.ts'
import type { Budget } from './budget.ts'

/**
 * A fixed window that begins with its first use. A window that would end more than one period from now is cut to one
 * period: the period was reduced, or the clock was set back.
 */
export function takeFixed(budget: Budget, now: number, { limit, period }: Take): Taken {
  if (budget.until <= now) budget.count = 0
  if (budget.until <= now || budget.until > now + period) budget.until = now + period
  const reset = budget.until - now
  if (budget.count >= limit) return { allowed: false, remaining: 0, reset, retryAfter: reset }
  budget.count += 1
  return { allowed: true, remaining: limit - budget.count, reset, retryAfter: 0 }
}
