import type { LeftOut, Peer } from './peer.ts'
import type { Measurement } from './rounds.ts'
import type { Table } from './table.ts'

/** Servers that are compared with the first of them. */
export interface Group {
  title: string
  peers: readonly (Peer | LeftOut)[]
}

/** A table for each group, but none for one of which nothing could be measured here. */
export function tablesOf<M extends Measurement>(
  groups: readonly Group[],
  found: readonly M[],
  tableOf: (title: string, found: readonly M[]) => Table
): Table[] {
  return groups.flatMap(({ title, peers }) => {
    const names = new Set(peers.map(({ name }) => name))
    const own = found.filter(({ name }) => names.has(name))
    return own.length === 0 ? [] : [tableOf(title, own)]
  })
}
