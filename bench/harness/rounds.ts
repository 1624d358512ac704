import type { Contestant, Lineup } from './lineup.ts'
import { median } from './statistics.ts'
import { verify } from './target.ts'
import { type Load, runWrk, type WrkResult } from './wrk.ts'

/** One round of one server. */
export interface Round {
  /** Responses that wrk got. */
  requests: number
  /** Responses per second. */
  rate: number
  /** Bytes received per second. */
  throughput: number
  /** CPU time of the server in microseconds: per response, and per 10⁶ bytes. */
  cpu: number
  cpuPerMegabyte: number
  /** Latency in microseconds that half, and 99 of 100, of the responses did not exceed. */
  p50: number
  p99: number
  /** Resident set size afterwards, in bytes. */
  rss: number
}

/** All rounds of one server, and the median of each number. */
export interface Measurement {
  name: string
  version: string
  rounds: Round[]
  median: Round
  /** The least CPU time per response of any round, in microseconds: whatever else runs on the machine only adds to it. */
  leastCpu: number
}

const WARM_UP_SECONDS = 8

/**
 * Warms every server, then measures round by round: each round asks all of them, one after another, and
 * each begins with another one, so that what the machine does meanwhile hits all alike.
 *
 * @param onWarm called, and waited for, before the first round
 */
export async function measure(
  { contestants }: Lineup,
  load: Load,
  rounds: number,
  onWarm?: () => Promise<void>
): Promise<Measurement[]> {
  const results = new Map(contestants.map((one) => [one, [] as Round[]]))
  for (const one of contestants) await pull(one, { ...load, seconds: WARM_UP_SECONDS })
  await onWarm?.()
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`)
    for (const one of rotate(contestants, round))
      results.get(one)?.push(await measureOnce(one, load))
  }
  for (const { server, target } of contestants) await verify(server.name, target)
  return contestants.map((one) => summarize(one, results.get(one) ?? []))
}

/** How much of one core a server used, in percent. */
export function coreShare({ rate, cpu }: Round): number {
  return (rate * cpu) / 1e4
}

/** Says what is going on, to someone who watches. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`)
}

async function measureOnce(contestant: Contestant, load: Load): Promise<Round> {
  const { server } = contestant
  const before = server.usage()
  const { requests, bytes, microseconds, p50, p99 } = await pull(contestant, load)
  const after = server.usage()
  const cpu = after.cpu - before.cpu
  return {
    requests,
    rate: (requests / microseconds) * 1e6,
    throughput: (bytes / microseconds) * 1e6,
    cpu: cpu / requests,
    cpuPerMegabyte: (cpu / bytes) * 1e6,
    p50,
    p99,
    rss: after.rss
  }
}

/** Says whose fault it was, too. */
async function pull({ server, target }: Contestant, load: Load): Promise<WrkResult> {
  try {
    return await runWrk(target, load)
  } catch (cause) {
    throw new Error(`${server.name}: ${(cause as Error).message}`, { cause })
  }
}

function summarize({ server: { name, version } }: Contestant, rounds: Round[]): Measurement {
  const of = (key: keyof Round): number => median(rounds.map((round) => round[key]))
  return {
    name,
    version,
    rounds,
    leastCpu: Math.min(...rounds.map(({ cpu }) => cpu)),
    median: {
      requests: of('requests'),
      rate: of('rate'),
      throughput: of('throughput'),
      cpu: of('cpu'),
      cpuPerMegabyte: of('cpuPerMegabyte'),
      p50: of('p50'),
      p99: of('p99'),
      rss: of('rss')
    }
  }
}

function rotate<T>(items: readonly T[], by: number): T[] {
  const at = by % Math.max(1, items.length)
  return [...items.slice(at), ...items.slice(0, at)]
}
