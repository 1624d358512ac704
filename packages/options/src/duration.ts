import * as z from 'zod'

const EXPECTED = 'expected seconds, e.g. 30, or a duration, e.g. "500ms", "30s", "5m", "2h", "1d"'
const MILLISECONDS = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000]
])

/**
 * A length of time: a number of seconds (fractions allowed) or a string with a unit.
 *
 * The output is an integer number of milliseconds, up to the largest safe integer. A timer cannot wait longer than 2^31
 * - 1 ms (24.8 days): its caller has to limit the value.
 */
export const Duration = z
  .union([z.number().min(0, EXPECTED), z.string().regex(/^\d+(?:ms|[smhd])$/, EXPECTED)], EXPECTED)
  .transform(toMilliseconds)
  .pipe(z.int('the duration is too long'))
  .meta({ description: 'A length of time: seconds, or e.g. "500ms", "30s", "5m", "2h", "1d".' })

function toMilliseconds(duration: number | string): number {
  if (typeof duration === 'number') return Math.round(duration * 1_000)
  const unit = duration.replace(/^\d+/, '')
  return Number.parseInt(duration, 10) * (MILLISECONDS.get(unit) ?? Number.NaN)
}
