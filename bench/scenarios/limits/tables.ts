import { type Column, compare, STRAIN, WORK } from '../../harness/columns.ts'
import { share } from '../../harness/numbers.ts'
import type { Table } from '../../harness/table.ts'
import type { Found } from './measure-counted.ts'

const COUNTED: Column<Found> = {
  head: 'counted',
  cell: ({ counted }) => (counted === undefined ? '' : share(counted))
}

/** The servers of a group, beside the first of them. */
export function tableOf(title: string, found: readonly Found[]): Table {
  return compare(title, found, [...WORK, ...STRAIN, COUNTED])
}
