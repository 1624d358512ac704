import { compare, MORE, STRAIN, WORK } from '../../harness/columns.ts'
import type { Measurement } from '../../harness/rounds.ts'
import type { Table } from '../../harness/table.ts'

/** The servers of a group, beside the first of them. */
export function tableOf(title: string, found: readonly Measurement[]): Table {
  return compare(title, found, [...WORK, MORE, ...STRAIN])
}
