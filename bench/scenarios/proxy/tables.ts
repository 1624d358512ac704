import { megabytes, microseconds, milliseconds, ratio, whole } from '../../harness/numbers.ts'
import { coreShare } from '../../harness/rounds.ts'
import type { Table } from '../../harness/table.ts'
import type { Loaded } from './measure-loads.ts'
import type { Streamed } from './measure-streams.ts'

/** CPU time first: req/s depend on wrk and the origin, too. */
export function loadTable({ title, measured }: Loaded): Table {
  const first = measured[0]
  return {
    title,
    head: [
      'peer',
      'CPU µs/req',
      'least',
      'ratio',
      'req/s',
      'ratio',
      'core',
      'p50 ms',
      'p99 ms',
      'RSS MB'
    ],
    rows: measured.map(({ name, median, leastCpu }) => [
      name,
      microseconds(median.cpu),
      microseconds(leastCpu),
      ratio(leastCpu / (first?.leastCpu ?? Number.NaN)),
      whole(median.rate),
      ratio(median.rate / (first?.median.rate ?? Number.NaN)),
      `${whole(coreShare(median))} %`,
      milliseconds(median.p50),
      milliseconds(median.p99),
      megabytes(median.rss)
    ])
  }
}

export function streamTable(streams: readonly Streamed[]): Table {
  return {
    title: '1 GB streamed through',
    head: ['stream', 'MB/s', 'CPU µs/MB', 'RSS MB before', 'highest', 'growth'],
    rows: streams.map(({ peer, transfer, length, microseconds: time, cpu, before, highest }) => [
      `${peer}, ${transfer}`,
      whole(length / time),
      whole((cpu / length) * 1e6),
      megabytes(before),
      megabytes(highest),
      megabytes(highest - before)
    ])
  }
}
