import type { Take, Taken } from '../store/driver.ts'
import type { Budget } from './budget.ts'

/**
 * A sliding window from two counters instead of a log: uses of the previous window are weighted by the share of it that
 * the last period still overlaps. The last period ends with the present millisecond, so it overlaps one millisecond
 * less than remains of the present window. Windows begin at multiples of the period. A stored window in the future
 * means that the clock was set back: it is discarded.
 */
export function takeSliding(budget: Budget, now: number, { limit, period }: Take): Taken {
  const elapsed = now % period
  const start = now - elapsed
  const isPresent = budget.at === start
  const count = isPresent ? budget.count : 0
  const before = isPresent ? budget.rest : budget.at === start - period ? budget.count : 0
  const free = limit - count - Math.floor((before * (period - 1 - elapsed)) / period)
  const isFree = free >= 1
  const used = isFree ? count + 1 : count
  const remaining = isFree ? free - 1 : 0
  const room = limit - used - remaining
  const reset =
    room > 0
      ? opensAt(before, room, period) - elapsed
      : period - elapsed + opensAt(used, limit - remaining, period)
  if (!isFree) return { allowed: false, remaining, reset, retryAfter: reset }
  budget.at = start
  budget.count = used
  budget.rest = before
  budget.until = start + 2 * period
  return { allowed: true, remaining, reset, retryAfter: 0 }
}

/** Milliseconds from the start of a window until the weighted uses of the previous one are fewer than `room`. */
function opensAt(before: number, room: number, period: number): number {
  return Math.max(period - Math.ceil((room * period) / before), 0)
}
