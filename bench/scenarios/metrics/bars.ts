import { multipleBars } from '../../harness/bars.ts'
import { share } from '../../harness/numbers.ts'
import type { Bar } from '../../harness/report.ts'
import { EVERYTHING, NOTHING } from './groups.ts'
import type { Found } from './measure-watched.ts'

/** What metrics and log leave of the base. */
const MULTIPLES = [{ name: EVERYTHING, base: NOTHING, times: 0.85 }]
/** Who counts or logs a smaller share is cheaper than it should be. */
const SEEN = 0.99

/** What was promised, beside what was found. */
export function barsOf(found: readonly Found[]): Bar[] {
  const everything = found.filter(({ name }) => name === EVERYTHING)
  return [...multipleBars(MULTIPLES, found), ...everything.map(seenBar)]
}

function seenBar({ name, counted, logged = 0 }: Found): Bar {
  return {
    claim: `${name} counts and logs at least ${SEEN * 100} % of its responses`,
    found: `${share(counted)} counted, ${share(logged)} logged`,
    isMet: counted >= SEEN && logged >= SEEN
  }
}
