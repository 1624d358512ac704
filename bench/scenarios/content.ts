import { join } from 'node:path'
import { tempDir } from '@reliw/testing'
import type { BenchOptions } from '../harness/arguments.ts'
import { multipleBars } from '../harness/bars.ts'
import { compare, STRAIN, WORK } from '../harness/columns.ts'
import { htmlPage, place } from '../harness/files.ts'
import { Lineup } from '../harness/lineup.ts'
import { microseconds } from '../harness/numbers.ts'
import type { LeftOut, Peer } from '../harness/peer.ts'
import { placement } from '../harness/pin.ts'
import { NO_REDIS, tryRedis } from '../harness/redis.ts'
import type { Bar, Report } from '../harness/report.ts'
import { type Measurement, measure } from '../harness/rounds.ts'
import { type Site, writeSites } from '../harness/sites.ts'
import { versions } from '../harness/versions.ts'
import { caddy } from '../peers/caddy.ts'
import { fastifyMetrics } from '../peers/fastify-metrics.ts'
import { fastifyStatic } from '../peers/fastify-static.ts'
import { nginx } from '../peers/nginx.ts'
import { nodeHttp } from '../peers/node-http.ts'
import { reliw } from '../peers/reliw.ts'

const HOST = 'bench.example'
const PATH = '/page.html'
const SIZE = 1024
const CONNECTIONS = 32
const FASTIFY = 'Fastify, one route'
const QUIET = 'reliw, no log or metrics'

/** What RELIW has to reach, as a multiple of a peer. */
const BARS = [
  { base: 'node:http', times: 0.75 },
  { base: FASTIFY, times: 0.74 },
  { base: '@fastify/static', times: 4 },
  { base: 'Caddy', times: 1.5 }
]
/** What log and metrics may cost, in microseconds. */
const TOLD = 3

const NOTES = [
  placement,
  'reliw and reliw-redis: everything on (access log to a file, host and path checks, request id, live store). Redis’ own CPU time is not counted; it is not asked while the page is warm.',
  'node:http sends the same bytes and headers, with a constant request id, and does nothing else; as text the body leaves in one piece with the head, as RELIW’s small bodies do.',
  '@fastify/static: defaults, no log. Caddy and nginx: access log to a file, no compression.',
  'CPU is user and system time of the whole server, all its processes: the median of the rounds, and the least, by which ratios and bars go.'
]

/** A warm page of 1 KB, over keep-alive connections. */
export async function content({ rounds, seconds }: BenchOptions): Promise<Report> {
  const body = htmlPage(SIZE)
  const folder = tempDir()
  place(folder, PATH, body)
  const site: Site = {
    host: HOST,
    routes: [['^/', 'page']],
    entries: { page: { methods: { GET: true } } },
    files: { [PATH]: body }
  }
  const lineup = new Lineup({ host: HOST, path: PATH, body })
  try {
    const ours = await lineup.add(await embedded(site))
    if (ours === undefined) throw new Error('reliw did not start')
    await lineup.add(await onRedis(site))
    await lineup.add(await quiet(site))
    for (const form of ['buffer', 'text'] as const) await lineup.add(nodeHttp(ours.response, form))
    await lineup.add(fastifyMetrics(FASTIFY, Buffer.from(body)))
    for (const peer of [fastifyStatic(folder), caddy(folder), nginx(folder)]) await lineup.add(peer)
    const results = await measure(lineup, { seconds, connections: CONNECTIONS }, rounds)
    return {
      name: 'content',
      what: `A warm HTML page of ${SIZE} bytes, ${CONNECTIONS} keep-alive connections; medians of ${rounds} rounds of ${seconds} s.`,
      tables: [compare('A warm page', results, [...WORK, ...STRAIN])],
      bars: barsOf(results),
      leftOut: lineup.leftOut,
      notes: NOTES,
      versions: versions(results),
      data: results
    }
  } finally {
    await lineup.stop()
  }
}

async function embedded(site: Site): Promise<Peer> {
  const store = { dir: join(tempDir(), 'store') }
  await writeSites(store, [site])
  return reliw('reliw', { store, data_dir: tempDir() })
}

async function quiet(site: Site): Promise<Peer> {
  const store = { dir: join(tempDir(), 'store') }
  await writeSites(store, [site])
  const metrics = { disabled: true }
  return reliw(QUIET, { store, data_dir: tempDir(), metrics, log_level: 'warn' })
}

async function onRedis(site: Site): Promise<Peer | LeftOut> {
  const server = await tryRedis()
  if (server === undefined) return { name: 'reliw-redis', reason: NO_REDIS }
  const redis = { host: server.host, port: server.port }
  await writeSites({ redis }, [site])
  return reliw('reliw-redis', { redis, data_dir: tempDir() })
}

function barsOf(results: readonly Measurement[]): Bar[] {
  const bars = multipleBars(
    BARS.map((bar) => ({ name: 'reliw', ...bar })),
    results
  )
  const [ours, without] = ['reliw', QUIET].map((name) => results.find((one) => one.name === name))
  if (ours === undefined || without === undefined) return bars
  const more = ours.leastCpu - without.leastCpu
  const claim = `log and metrics take at most ${TOLD} µs of CPU time`
  return [...bars, { claim, found: `${microseconds(more)} µs`, isMet: more <= TOLD }]
}
