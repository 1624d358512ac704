import { atLeast, BUSY } from '../../harness/bars.ts'
import { megabytes, milliseconds, whole } from '../../harness/numbers.ts'
import type { Bar } from '../../harness/report.ts'
import { coreShare, type Round } from '../../harness/rounds.ts'
import type { Loaded } from './measure-loads.ts'
import type { Streamed } from './measure-streams.ts'

/** What RELIW has to reach with the first load, as a multiple of a peer. */
const MULTIPLES = [
  { peer: '@fastify/http-proxy', times: 1.7, kind: '' },
  { peer: 'Caddy', times: 1.2, kind: '' },
  { peer: 'nginx', times: 0.5, kind: '' }
]
/** Whose p99 RELIW's must not exceed, with any load. */
const LATENCY = '@fastify/http-proxy'
/** 10⁶ bytes that a server may grow by while 1 GB passes. */
const GROWTH = 64

/** What was promised, beside what was found. */
export function barsOf(loads: readonly Loaded[], streams: readonly Streamed[]): Bar[] {
  return [
    ...loads.slice(0, 1).flatMap(multiples),
    ...loads.flatMap(latency),
    ...streams.filter(({ peer }) => peer === 'reliw').map(growth)
  ]
}

function multiples(load: Loaded): Bar[] {
  return MULTIPLES.flatMap(({ peer, times, kind }) => {
    const claim = `${kind}reliw ≥ ${times} × ${peer}, ${load.title}`
    return compare(load, peer, (ours, theirs, least) => [
      atLeast(`${claim}, by CPU time`, least.theirs / least.ours, times),
      atLeast(`${claim}, by req/s`, ours.rate / theirs.rate, times, unused(peer, theirs))
    ])
  })
}

function latency(load: Loaded): Bar[] {
  return compare(load, LATENCY, (ours, theirs) => [
    {
      claim: `reliw’s p99 ≤ that of ${LATENCY}, ${load.title}`,
      found: `${milliseconds(ours.p99)} ms beside ${milliseconds(theirs.p99)} ms`,
      isMet: ours.p99 <= theirs.p99
    }
  ])
}

function growth({ transfer, before, highest }: Streamed): Bar {
  const more = highest - before
  const claim = `reliw grows by less than ${GROWTH} MB while 1 GB passes, ${transfer}`
  return { claim, found: `${megabytes(more)} MB`, isMet: more < GROWTH * 1e6 }
}

function compare(
  { measured }: Loaded,
  peer: string,
  bars: (ours: Round, theirs: Round, least: { ours: number; theirs: number }) => Bar[]
): Bar[] {
  const ours = measured[0]
  const theirs = measured.find(({ name }) => name === peer)
  if (ours === undefined || theirs === undefined) return []
  return bars(ours.median, theirs.median, { ours: ours.leastCpu, theirs: theirs.leastCpu })
}

/** Says so when a peer waited, so that its req/s are not its own. */
function unused(peer: string, round: Round): string {
  const share = coreShare(round)
  return share >= BUSY ? '' : `, but ${peer} used only ${whole(share)} % of its core`
}
