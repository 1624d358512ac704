import type { BenchOptions } from '../harness/arguments.ts'
import { BUSY } from '../harness/bars.ts'
import { placement } from '../harness/pin.ts'
import type { Report } from '../harness/report.ts'
import { versions } from '../harness/versions.ts'
import { barsOf } from './proxy/bars.ts'
import { CONNECTIONS, measureLoads } from './proxy/measure-loads.ts'
import { measureStreams } from './proxy/measure-streams.ts'
import { loadTable, streamTable } from './proxy/tables.ts'

const HOST = 'bench.example'

const NOTES = [
  placement,
  'The origin, for all the same, is nginx with one worker and keep-alive, on the core of wrk. It answers an upload when it has all of it.',
  'reliw: everything on; the whole site is forwarded. reliw, nginx and Caddy: access log to a file. All others: one process, no log.',
  'nginx: upstream keep-alive, HTTP/1.1; it buffers bodies, as it does by default. http-proxy: agent with keep-alive. All else is by default.',
  'For information: @fastify/reply-from, and “undici, bare”: undici’s dispatch straight to a response of node:http, and nothing else that a proxy has to do.',
  `CPU is user and system time of the whole server, all its processes. “core” is how much of its core that was. A server below ${BUSY} % waited, for wrk and the origin or for what else ran on its core: its req/s are not its own, its CPU time is.`,
  'Streams: each through a fresh server, whose heap grows to its working size meanwhile and whose resident set is looked at every 100 ms. Who is slow pauses for 1 ms after every 256 KiB. All bytes are compared.'
]

/** What it costs to forward, and how much is held meanwhile. */
export async function proxy(options: BenchOptions): Promise<Report> {
  const loads = await measureLoads(HOST, options)
  const streams = await measureStreams(HOST)
  const [first] = loads
  return {
    name: 'proxy',
    what: `Forwarding to one origin over ${CONNECTIONS} keep-alive connections; medians of ${options.rounds} rounds of ${options.seconds} s.`,
    tables: [...loads.map(loadTable), streamTable(streams)],
    bars: barsOf(loads, streams),
    leftOut: first?.leftOut ?? [],
    notes: NOTES,
    versions: versions(first?.measured ?? []),
    data: { loads, streams }
  }
}
