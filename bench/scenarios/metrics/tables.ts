import { type Column, compare, MORE, STRAIN, WORK } from '../../harness/columns.ts'
import { share, whole } from '../../harness/numbers.ts'
import { median, quantile } from '../../harness/statistics.ts'
import type { Table } from '../../harness/table.ts'
import type { Scrapes } from './measure-scrapes.ts'
import type { Found } from './measure-watched.ts'

const SEEN: readonly Column<Found>[] = [
  { head: 'counted', cell: ({ counted }) => share(counted) },
  { head: 'logged', cell: ({ logged }) => (logged === undefined ? '' : share(logged)) }
]
const SCRAPES = 'server|series|KB|scrape ms|page p99 ms|max|meanwhile p99|max'.split('|')

/** The servers of a group, beside the first of them. */
export function tableOf(title: string, found: readonly Found[]): Table {
  return compare(title, found, [...WORK, MORE, ...STRAIN, ...SEEN])
}

/** What it takes to tell of so many hosts, and who waits for it. */
export function scrapeTable(hosts: number, scrapes: readonly Scrapes[]): Table {
  return {
    title: `A scrape of ${whole(hosts)} hosts`,
    head: SCRAPES,
    rows: scrapes.map(({ name, series, bytes, times, quiet, meanwhile }) => [
      name,
      whole(series),
      whole(bytes / 1000),
      median(times).toFixed(1),
      ...latest(quiet),
      ...latest(meanwhile)
    ])
  }
}

function latest(times: readonly number[]): string[] {
  return [0.99, 1].map((part) => quantile(times, part).toFixed(2))
}
