import type { BenchOptions } from '../harness/arguments.ts'
import { BUSY } from '../harness/bars.ts'
import { htmlPage } from '../harness/files.ts'
import { tablesOf } from '../harness/groups.ts'
import { Lineup } from '../harness/lineup.ts'
import { placement } from '../harness/pin.ts'
import type { Report } from '../harness/report.ts'
import { versionsOnce } from '../harness/versions.ts'
import { barsOf } from './metrics/bars.ts'
import { groupsOf, HOST, PATH } from './metrics/groups.ts'
import { measureScrapes } from './metrics/measure-scrapes.ts'
import { type Found, measureWatched } from './metrics/measure-watched.ts'
import { scrapeTable, tableOf } from './metrics/tables.ts'

const SIZE = 1024
const CONNECTIONS = 32
const HOSTS = 1000

const NOTES = [
  placement,
  'reliw serve on the embedded store, the page warm. nothing: no metrics, and log_level "warn". metrics: of the process, and counts for all servers, which go to the store four times a second. log: the access log, to a file. metrics and log: everything on, as by default.',
  'fastify: one route with the same bytes, no log. fastify-metrics: its defaults, a histogram and a summary by method, route and status, and a registry of the process. @reliw/metrics: the plugin alone, with its own hook and without a store. Read their ratios, not their numbers.',
  'counted: the share of the responses that the metrics have. logged: the share that the log has a line for. Before the rounds each server with metrics was scraped; during them nobody was.',
  'A scrape: 20, one after another, over one connection; scrape ms is their median while nobody else asks. page: how long responses of a page take that is asked for over one connection without pause; meanwhile: while one scrape follows another. What is beyond its p99 without scrapes is how long the event loop was held.',
  'reliw also reads what all servers counted from its store for each scrape. @prometheus-io/client: behind Fastify, holding the families that reliw has of hosts, and its own of the process.',
  `CPU is user and system time of the whole server; “more” is what it takes beyond the first line. “core” is how much of its core a server used. Below ${BUSY} % it waited for wrk: its req/s are not its own, its CPU time is.`
]

/** What it costs to know what the server does. */
export async function metrics({ rounds, seconds }: BenchOptions): Promise<Report> {
  const body = htmlPage(SIZE)
  const lineup = new Lineup({ host: HOST, path: PATH, body })
  const groups = await groupsOf(body)
  const peers = groups.flatMap((group) => group.peers)
  const load = { seconds, connections: CONNECTIONS }
  let found: Found[]
  try {
    for (const peer of peers) await lineup.add(peer)
    found = await measureWatched(lineup, peers, load, rounds)
  } finally {
    await lineup.stop()
  }
  const scrapes = await measureScrapes(HOSTS)
  return {
    name: 'metrics',
    what: `A warm HTML page of ${SIZE} bytes with and without metrics and access log, ${CONNECTIONS} keep-alive connections; medians of ${rounds} rounds of ${seconds} s.`,
    tables: [...tablesOf(groups, found, tableOf), scrapeTable(HOSTS, scrapes)],
    bars: barsOf(found),
    leftOut: lineup.leftOut,
    notes: NOTES,
    versions: versionsOnce([...found, ...scrapes]),
    data: { found, scrapes }
  }
}
