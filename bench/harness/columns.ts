import { megabytes, microseconds, milliseconds, ratio, whole } from './numbers.ts'
import { coreShare, type Measurement } from './rounds.ts'
import type { Table } from './table.ts'

/** What is told of each server, beside the first of its table. */
export interface Column<M extends Measurement = Measurement> {
  head: string
  cell: (one: M, first: M) => string
}

/** Requests and CPU time, each also as a multiple of the first server's. */
export const WORK: readonly Column[] = [
  { head: 'req/s', cell: ({ median }) => whole(median.rate) },
  { head: 'ratio', cell: ({ median }, first) => ratio(median.rate / first.median.rate) },
  { head: 'CPU µs/req', cell: ({ median }) => microseconds(median.cpu) },
  { head: 'least', cell: ({ leastCpu }) => microseconds(leastCpu) },
  { head: 'ratio', cell: ({ leastCpu }, first) => ratio(leastCpu / first.leastCpu) }
]

/** CPU time for a request beyond the first server's. */
export const MORE: Column = {
  head: 'more µs',
  cell: (one, first) => (one === first ? '' : microseconds(one.leastCpu - first.leastCpu))
}

/** How busy a server was, how late its responses were, and what it held. */
export const STRAIN: readonly Column[] = [
  { head: 'core', cell: ({ median }) => `${whole(coreShare(median))} %` },
  { head: 'p99 ms', cell: ({ median }) => milliseconds(median.p99) },
  { head: 'RSS MB', cell: ({ median }) => megabytes(median.rss) }
]

/** Servers, each compared with the first of them. */
export function compare<M extends Measurement>(
  title: string,
  found: readonly M[],
  columns: readonly Column<M>[]
): Table {
  return {
    title,
    head: ['server', ...columns.map(({ head }) => head)],
    rows: found.map((one, _at, [first = one]) => [
      one.name,
      ...columns.map(({ cell }) => cell(one, first))
    ])
  }
}
