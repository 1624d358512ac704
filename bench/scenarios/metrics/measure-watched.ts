import { createReadStream } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Contestant, Lineup } from '../../harness/lineup.ts'
import { measure, type Measurement } from '../../harness/rounds.ts'
import type { Load } from '../../harness/wrk.ts'
import type { WatchedPeer } from './groups.ts'
import { readCounted } from './read-counted.ts'

/** What was found of a server. What wrk left unread makes a share a little more than 1. */
export interface Found extends Measurement {
  /** The share of its responses that its metrics have. */
  counted: number
  /** The share of its responses that its log has a line for; absent when it can have none. */
  logged: number | undefined
}

/** What there is of it so far: requests in the metrics, lines in the log. */
type Seen = Pick<Found, 'counted' | 'logged'>

/** Longer than lines of the log wait for company, in milliseconds. */
const SETTLE = 500
const LINE_END = 10
const NONE: Seen = { counted: 0, logged: undefined }

/** Measures the servers, and whether they did what they are measured for. */
export async function measureWatched(
  lineup: Lineup,
  peers: readonly WatchedPeer[],
  load: Load,
  rounds: number
): Promise<Found[]> {
  const byName = new Map(peers.map((peer) => [peer.name, peer]))
  const seen = async (): Promise<Seen[]> => {
    await delay(SETTLE)
    return Promise.all(lineup.contestants.map((one) => seenOf(one, byName.get(one.server.name))))
  }
  let before: Seen[] = []
  const measured = await measure(lineup, load, rounds, async () => {
    before = await seen()
  })
  const after = await seen()
  return measured.map((measurement, at) => {
    const responses = measurement.rounds.reduce((sum, { requests }) => sum + requests, 0)
    return { ...measurement, ...sharesOf(responses, before[at] ?? NONE, after[at] ?? NONE) }
  })
}

function sharesOf(responses: number, from: Seen, to: Seen): Seen {
  const [first, last] = [from.logged, to.logged]
  return {
    counted: (to.counted - from.counted) / responses,
    logged: first === undefined || last === undefined ? undefined : (last - first) / responses
  }
}

async function seenOf({ server }: Contestant, peer: WatchedPeer | undefined): Promise<Seen> {
  return {
    counted: await readCounted(peer?.metricsPort ?? server.port),
    logged: peer?.log === undefined ? undefined : await linesOf(peer.log)
  }
}

async function linesOf(file: string): Promise<number> {
  let lines = 0
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(LINE_END); at >= 0; at = chunk.indexOf(LINE_END, at + 1)) lines++
  }
  return lines
}
