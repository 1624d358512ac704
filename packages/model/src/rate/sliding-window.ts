import type { Take, Taken } from '../store/driver.ts'
import type { Budget } from './budget.ts'

/**
 * Two counters instead of a log: of the window before, as large a share counts as the last period still
 * overlaps. The last period ends with the present millisecond, so it overlaps one less than is left of the window.
 * Windows begin at multiples of the period. One of the future means that the clock went back: it starts anew.
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

/** How many milliseconds into a window the uses of the one before take less than `room`. */
function opensAt(before: number, room: number, period: number): number {
  return Math.max(period - Math.ceil((room * period) / before), 0)
}
