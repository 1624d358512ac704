/** How close the process is to its limits. Each level includes the measures of the levels before it. */
export type PressureLevel = 'normal' | 'warning' | 'reduced' | 'overloaded'

const WARNING = 0.8
const REDUCED = 0.9
const OVERLOADED = 0.95

/** @param share used share of a limit; 1: all of it */
export function levelOf(share: number): PressureLevel {
  if (share >= OVERLOADED) return 'overloaded'
  if (share >= REDUCED) return 'reduced'
  return share >= WARNING ? 'warning' : 'normal'
}
