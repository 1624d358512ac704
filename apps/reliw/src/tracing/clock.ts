/** The clock is reset when it differs from the time of day by more than this, in milliseconds. */
const TOLERANCE = 10

let offset = performance.timeOrigin

/** Milliseconds since the epoch with fractions, so that spans within one millisecond keep their order. */
export function preciseNow(): number {
  const ticks = performance.now()
  const wall = Date.now()
  if (Math.abs(wall - (offset + ticks)) > TOLERANCE) offset = wall - ticks
  return offset + ticks
}
