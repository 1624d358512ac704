import { megabytes, microseconds, milliseconds, ratio, whole } from '../../harness/numbers.ts'
import { coreShare } from '../../harness/rounds.ts'
import type { Table } from '../../harness/table.ts'
import type { Found } from './measure-counted.ts'

const HEAD = 'server|req/s|ratio|CPU µs/req|ratio|core|p99 ms|RSS MB|counted'.split('|')

/** The servers of a group, beside the first of them. */
export function tableOf(title: string, found: readonly Found[]): Table {
  const first = found[0]?.median
  return {
    title,
    head: HEAD,
    rows: found.map(({ name, median, counted }) => [
      name,
      whole(median.rate),
      ratio(median.rate / (first?.rate ?? Number.NaN)),
      microseconds(median.cpu),
      ratio(median.cpu / (first?.cpu ?? Number.NaN)),
      `${whole(coreShare(median))} %`,
      milliseconds(median.p99),
      megabytes(median.rss),
      counted === undefined ? '' : share(counted)
    ])
  }
}

/** A share to a tenth of a percent, not rounded up; more than all is all. */
export function share(part: number): string {
  return `${(Math.floor(Math.min(part, 1) * 1000) / 10).toFixed(1)} %`
}
