import { ratio, whole } from '../../harness/numbers.ts'
import type { Bar } from '../../harness/report.ts'
import { coreShare } from '../../harness/rounds.ts'
import type { Found } from './measure-counted.ts'
import { share } from './tables.ts'

/** What limits and a session leave of the base. */
const MULTIPLES = [
  { name: 'policy in the process, session', base: 'plain', times: 0.9 },
  { name: 'policy in Redis, session', base: 'plain on Redis', times: 0.65 }
]
/** A server that uses less of its core waited for others, in percent. */
export const BUSY = 95
/** Fewer counted answers than this share are too many that were counted elsewhere. */
const COUNTED = 0.99

/** What was promised, beside what was found. */
export function barsOf(found: readonly Found[]): Bar[] {
  const byName = new Map(found.map((one) => [one.name, one]))
  const multiples = MULTIPLES.flatMap(({ name, base, times }) => {
    const [ours, theirs] = [byName.get(name), byName.get(base)]
    if (ours === undefined || theirs === undefined) return []
    const claim = `${name} ≥ ${times} × ${base}`
    const rate = ours.median.rate / theirs.median.rate
    const cpu = theirs.median.cpu / ours.median.cpu
    return [
      bar(`${claim}, by req/s`, rate, times, [theirs, ours].map(unused).join('')),
      bar(`${claim}, by CPU time`, cpu, times)
    ]
  })
  return [...multiples, ...found.flatMap(countedBar)]
}

function countedBar({ name, counted }: Found): Bar[] {
  if (counted === undefined) return []
  const claim = `${name} counts at least ${COUNTED * 100} % of its answers where it should`
  return [{ claim, found: share(counted), isMet: counted >= COUNTED }]
}

function bar(claim: string, found: number, times: number, remark = ''): Bar {
  return { claim, found: `${ratio(found)}${remark}`, isMet: found >= times }
}

/** Says so when a server waited, so that its req/s are not its own. */
function unused({ name, median }: Found): string {
  const used = coreShare(median)
  return used >= BUSY ? '' : `; ${name} used only ${whole(used)} % of its core`
}
