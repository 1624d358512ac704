import type { Take, Taken } from '../store/driver.ts'
import type { Budget } from './budget.ts'

/**
 * The generic cell rate algorithm (ITU-T I.371): each use advances a theoretical arrival time by period / limit; a use
 * that would advance it further ahead of now than the burst is refused. Times are counted in milliseconds times
 * `limit`: integers, so that rounding never loses or gains a use.
 *
 * An arrival time too far ahead, after the burst was reduced or the clock was set back, is reduced to the burst.
 */
export function takeGcra(
  budget: Budget,
  now: number,
  { limit, period, burst = limit }: Take
): Taken {
  const most = Math.max(burst, 1) * period
  const stored = (budget.at - now) * limit + Math.min(budget.rest, limit)
  const ahead = Math.min(Math.max(stored, 0), most)
  const after = ahead + period
  if (after > most) {
    if (stored > most) keep(budget, now, most, limit)
    const retryAfter = Math.ceil((after - most) / limit)
    return { allowed: false, remaining: 0, reset: retryAfter, retryAfter }
  }
  keep(budget, now, after, limit)
  const remaining = Math.floor((most - after) / period)
  const reset = Math.ceil((after - most + (remaining + 1) * period) / limit)
  return { allowed: true, remaining, reset, retryAfter: 0 }
}

/**
 * Sets the arrival time. `until` is advanced further than needed, and so rarely: for a stored budget, each change of it
 * costs several writes.
 */
function keep(budget: Budget, now: number, ahead: number, limit: number): void {
  budget.at = now + Math.floor(ahead / limit)
  budget.rest = ahead % limit
  const full = now + Math.ceil(ahead / limit)
  if (budget.until < full) budget.until = 2 * full - now
}
