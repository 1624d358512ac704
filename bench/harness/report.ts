import type { LeftOut } from './peer.ts'
import { formatTable, type Table } from './table.ts'

/** A promise that was put to the test. */
export interface Bar {
  /** What was promised, as a reader takes it. */
  claim: string
  /** What was found. */
  found: string
  isMet: boolean
}

/** What a scenario found. */
export interface Report {
  name: string
  /** What was asked for, and of whom: sentences. */
  what: string
  tables: Table[]
  bars: Bar[]
  leftOut: readonly LeftOut[]
  /** What a reader has to know to read the numbers right. */
  notes: readonly string[]
  /** Name → version of everything that took part. */
  versions: Record<string, string>
  /** Everything that was measured, unrounded. */
  data: unknown
}

/** For a terminal. */
export function toText(report: Report): string {
  return `${body(report).join('\n\n')}\n`
}

/** For programs. */
export function toJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`
}

/** The paragraphs that a terminal and a saved result share. */
export function body({ what, tables, bars, leftOut, notes }: Report): string[] {
  const lists = [
    bars.map(({ claim, found, isMet }) => `- ${isMet ? 'Passed' : 'Missed'}: ${claim}: ${found}`),
    leftOut.map(({ name, reason }) => `- Left out: ${name}: ${reason}`),
    notes.map((note) => `- ${note}`)
  ]
  return [
    what,
    ...tables.map(formatTable),
    lists
      .filter((list) => list.length > 0)
      .flat()
      .join('\n')
  ]
}
