/** Once it is this far from the time of day, the clock is set anew, in milliseconds. */
const TOLERANCE = 10

let offset = performance.timeOrigin

/**
 * Epoch milliseconds with fractions. Spans that follow one another do so in it as well, which the time of day in whole
 * milliseconds would not say.
 */
export function preciseNow(): number {
  const ticks = performance.now()
  const wall = Date.now()
  if (Math.abs(wall - (offset + ticks)) > TOLERANCE) offset = wall - ticks
  return offset + ticks
}
