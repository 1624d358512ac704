import type { BenchOptions } from '../harness/arguments.ts'
import { BUSY } from '../harness/bars.ts'
import { htmlPage } from '../harness/files.ts'
import { tablesOf } from '../harness/groups.ts'
import { Lineup } from '../harness/lineup.ts'
import { placement } from '../harness/pin.ts'
import { tryRedis } from '../harness/redis.ts'
import type { Report } from '../harness/report.ts'
import { versionsOnce } from '../harness/versions.ts'
import { barsOf } from './limits/bars.ts'
import { groupsOf } from './limits/groups.ts'
import { measureCounted } from './limits/measure-counted.ts'
import { HOST, PATH } from './limits/protected-site.ts'
import { tableOf } from './limits/tables.ts'

const SIZE = 1024
const CONNECTIONS = 32

const NOTES = [
  placement,
  'Embedded store and Redis: reliw serve with everything on, the access log to a file, the page warm. All sites have the same routes and a login form. What is plain asks nothing of clients.',
  'policy: of the site, by address, sliding, 10⁹ a day, so that it refuses nobody; it is counted for each request. session: the page is for one user, whose cookie wrk sends; the session was begun by a login.',
  'counted: the share of the responses that the policy counted where it should. Where the store does not answer within 40 ms, the process counts by itself for a second.',
  'fastify: one route with the same bytes, no log. @fastify/rate-limit: fixed windows, otherwise its defaults; on Redis with ioredis without an offline queue. It does much less beside: read its ratios, not its numbers.',
  `CPU is user and system time of the whole server, all its processes; that of Redis, which is on wrk’s core, is not counted. “core” is how much of its core a server used. Below ${BUSY} % it waited, for wrk or Redis: its req/s are not its own, its CPU time is.`
]

/** What it costs to count requests, and to know who they are from. */
export async function limits({ rounds, seconds }: BenchOptions): Promise<Report> {
  const body = htmlPage(SIZE)
  const lineup = new Lineup({ host: HOST, path: PATH, body })
  try {
    const groups = await groupsOf(body, await tryRedis())
    for (const peer of groups.flatMap(({ peers }) => peers)) await lineup.add(peer)
    const found = await measureCounted(lineup, { seconds, connections: CONNECTIONS }, rounds)
    return {
      name: 'limits',
      what: `A warm HTML page of ${SIZE} bytes behind rate limits and a login, ${CONNECTIONS} keep-alive connections; medians of ${rounds} rounds of ${seconds} s.`,
      tables: tablesOf(groups, found, tableOf),
      bars: barsOf(found),
      leftOut: lineup.leftOut,
      notes: NOTES,
      versions: versionsOnce(found),
      data: found
    }
  } finally {
    await lineup.stop()
  }
}
