import { join } from 'node:path'
import { tempDir } from '@reliw/testing'
import type { BenchOptions } from '../harness/arguments.ts'
import { noise, place } from '../harness/files.ts'
import { Lineup } from '../harness/lineup.ts'
import { megabytes, milliseconds, ratio, whole } from '../harness/numbers.ts'
import { placement } from '../harness/pin.ts'
import type { Report } from '../harness/report.ts'
import { type Measurement, measure } from '../harness/rounds.ts'
import { writeSites } from '../harness/sites.ts'
import type { Table } from '../harness/table.ts'
import { versions } from '../harness/versions.ts'
import { caddy } from '../peers/caddy.ts'
import { nginx } from '../peers/nginx.ts'
import { reliw } from '../peers/reliw.ts'

const HOST = 'bench.example'
const MEGABYTE = 1_000_000

/** The first is below `cache_max_size` (5 MiB) and kept in memory, the second above and streamed. */
const FILES = [
  { title: 'A file of 1 MB, which reliw keeps', path: '/kept.bin', size: 1, connections: 32 },
  { title: 'A file of 20 MB, which reliw streams', path: '/large.bin', size: 20, connections: 8 }
]

const NOTES = [
  placement,
  'The files are on disk and do not compress. nginx sends them by sendfile.',
  'MB are 10⁶ bytes. CPU is user and system time of the whole server, all its processes.'
]

/** Large files from disk. */
export async function large({ rounds, seconds }: BenchOptions): Promise<Report> {
  const tables: Table[] = []
  const all: Record<string, Measurement[]> = {}
  const leftOut = new Map<string, Lineup['leftOut'][number]>()
  for (const { title, path, size, connections } of FILES) {
    const lineup = await start(path, noise(size * MEGABYTE))
    try {
      const results = await measure(lineup, { seconds, connections }, rounds)
      tables.push({ ...tableOf(results), title: `${title}; ${connections} connections` })
      all[path] = results
      for (const one of lineup.leftOut) leftOut.set(one.name, one)
    } finally {
      await lineup.stop()
    }
  }
  return {
    name: 'large',
    what: `Large files over keep-alive connections; medians of ${rounds} rounds of ${seconds} s.`,
    tables,
    bars: [],
    leftOut: [...leftOut.values()],
    notes: NOTES,
    versions: versions(Object.values(all)[0] ?? []),
    data: all
  }
}

async function start(path: string, body: Buffer): Promise<Lineup> {
  const data_dir = tempDir()
  const folder = join(data_dir, HOST)
  place(folder, path, body)
  const store = { dir: join(tempDir(), 'store') }
  const entries = { file: { methods: { GET: true } } }
  await writeSites(store, [{ host: HOST, routes: [['^/', 'file']], entries }])
  const lineup = new Lineup({ host: HOST, path, body })
  try {
    const peers = [reliw('reliw', { store, data_dir }), nginx(folder), caddy(folder)]
    for (const peer of peers) await lineup.add(peer)
    return lineup
  } catch (error) {
    await lineup.stop()
    throw error
  }
}

function tableOf(results: readonly Measurement[]): Table {
  const first = results[0]?.median
  return {
    head: ['peer', 'MB/s', 'ratio', 'CPU µs/MB', 'ratio', 'p99 ms', 'RSS MB'],
    rows: results.map(({ name, median: { throughput, cpuPerMegabyte: cpu, p99, rss } }) => [
      name,
      megabytes(throughput),
      ratio(throughput / (first?.throughput ?? Number.NaN)),
      whole(cpu),
      ratio(cpu / (first?.cpuPerMegabyte ?? Number.NaN)),
      milliseconds(p99),
      megabytes(rss)
    ])
  }
}
