import { megabytes, microseconds, milliseconds, ratio, whole } from '../../harness/numbers.ts'
import { coreShare, type Measurement } from '../../harness/rounds.ts'
import type { Table } from '../../harness/table.ts'

const HEAD = 'server|req/s|ratio|CPU µs/req|ratio|more µs|core|p99 ms|RSS MB'.split('|')

/** The servers of a group, beside the first of them. */
export function tableOf(title: string, found: readonly Measurement[]): Table {
  const first = found[0]?.median
  const base = { rate: first?.rate ?? Number.NaN, cpu: first?.cpu ?? Number.NaN }
  return {
    title,
    head: HEAD,
    rows: found.map(({ name, median }, at) => [
      name,
      whole(median.rate),
      ratio(median.rate / base.rate),
      microseconds(median.cpu),
      ratio(median.cpu / base.cpu),
      at === 0 ? '' : microseconds(median.cpu - base.cpu),
      `${whole(coreShare(median))} %`,
      milliseconds(median.p99),
      megabytes(median.rss)
    ])
  }
}
