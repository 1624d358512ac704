/** How near the process is to its limits: each level includes what the ones before it ask for. */
export type PressureLevel = 'normal' | 'warning' | 'reduced' | 'overloaded'

const WARNING = 0.8
const REDUCED = 0.9
const OVERLOADED = 0.95

/** @param share of a limit, 1 being all of it */
export function levelOf(share: number): PressureLevel {
  if (share >= OVERLOADED) return 'overloaded'
  if (share >= REDUCED) return 'reduced'
  return share >= WARNING ? 'warning' : 'normal'
}
