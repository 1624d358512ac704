import { ratio, whole } from './numbers.ts'
import type { Bar } from './report.ts'
import { coreShare, type Measurement } from './rounds.ts'

/** What a server has to reach. */
export interface Multiple {
  name: string
  /** The server that it is compared with. */
  base: string
  /** The least share, or multiple, of what the other reaches. */
  times: number
}

/** A server that uses less of its core waited for others, in percent. */
export const BUSY = 95

/** Two bars for each pair that was measured: by requests per second, and by the least CPU time. */
export function multipleBars(multiples: readonly Multiple[], found: readonly Measurement[]): Bar[] {
  const byName = new Map(found.map((one) => [one.name, one]))
  return multiples.flatMap(({ name, base, times }) => {
    const [ours, theirs] = [byName.get(name), byName.get(base)]
    if (ours === undefined || theirs === undefined) return []
    const claim = `${name} ≥ ${times} × ${base}`
    const rate = ours.median.rate / theirs.median.rate
    const cpu = theirs.leastCpu / ours.leastCpu
    return [
      atLeast(`${claim}, by req/s`, rate, times, [theirs, ours].map(unused).join('')),
      atLeast(`${claim}, by CPU time`, cpu, times)
    ]
  })
}

/** A bar for a ratio; the remark is put behind what was found. */
export function atLeast(claim: string, found: number, times: number, remark = ''): Bar {
  return { claim, found: `${ratio(found)}${remark}`, isMet: found >= times }
}

/** Says so when a server waited, so that its req/s are not its own. */
function unused({ name, median }: Measurement): string {
  const used = coreShare(median)
  return used >= BUSY ? '' : `; ${name} used only ${whole(used)} % of its core`
}
