import { multipleBars } from '../../harness/bars.ts'
import { share } from '../../harness/numbers.ts'
import type { Bar } from '../../harness/report.ts'
import type { Found } from './measure-counted.ts'

/** What limits and a session leave of the base. */
const MULTIPLES = [
  { name: 'policy in the process, session', base: 'plain', times: 0.9 },
  { name: 'policy in Redis, session', base: 'plain on Redis', times: 0.65 }
]
/** Fewer counted answers than this share are too many that were counted elsewhere. */
const COUNTED = 0.99

/** What was promised, beside what was found. */
export function barsOf(found: readonly Found[]): Bar[] {
  return [...multipleBars(MULTIPLES, found), ...found.flatMap(countedBar)]
}

function countedBar({ name, counted }: Found): Bar[] {
  if (counted === undefined) return []
  const claim = `${name} counts at least ${COUNTED * 100} % of its responses where it should`
  return [{ claim, found: share(counted), isMet: counted >= COUNTED }]
}
