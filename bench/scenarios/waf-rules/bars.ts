import { multipleBars } from '../../harness/bars.ts'
import type { Bar } from '../../harness/report.ts'
import type { Measurement } from '../../harness/rounds.ts'

const BASE = 'no rules'
/** What rules leave of the base. */
const MULTIPLES = [
  { name: '50 rules', base: BASE, times: 0.95 },
  { name: '500 rules', base: BASE, times: 0.75 }
]

/** What was promised, beside what was found. */
export function barsOf(found: readonly Measurement[]): Bar[] {
  return multipleBars(MULTIPLES, found)
}
