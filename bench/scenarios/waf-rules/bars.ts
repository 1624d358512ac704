import { ratio, whole } from '../../harness/numbers.ts'
import type { Bar } from '../../harness/report.ts'
import { coreShare, type Measurement } from '../../harness/rounds.ts'

const BASE = 'no rules'
/** What rules leave of the base. */
const MULTIPLES = [
  { name: '50 rules', times: 0.95 },
  { name: '500 rules', times: 0.75 }
]
/** A server that uses less of its core waited for others, in percent. */
export const BUSY = 95

/** What was promised, beside what was found. */
export function barsOf(found: readonly Measurement[]): Bar[] {
  const byName = new Map(found.map((one) => [one.name, one]))
  return MULTIPLES.flatMap(({ name, times }) => {
    const [ours, base] = [byName.get(name), byName.get(BASE)]
    if (ours === undefined || base === undefined) return []
    const claim = `${name} ≥ ${times} × ${BASE}`
    const rate = ours.median.rate / base.median.rate
    const cpu = base.median.cpu / ours.median.cpu
    return [
      bar(`${claim}, by req/s`, rate, times, [base, ours].map(unused).join('')),
      bar(`${claim}, by CPU time`, cpu, times)
    ]
  })
}

function bar(claim: string, found: number, times: number, remark = ''): Bar {
  return { claim, found: `${ratio(found)}${remark}`, isMet: found >= times }
}

/** Says so when a server waited, so that its req/s are not its own. */
function unused({ name, median }: Measurement): string {
  const used = coreShare(median)
  return used >= BUSY ? '' : `; ${name} used only ${whole(used)} % of its core`
}
