import { waitFor } from '@reliw/testing'

/** A log line. */
export type Line = Record<string, unknown> & { msg: string }

/** Waits for the first line that has these fields, when it is not there yet. */
export async function findLine(
  log: readonly Line[],
  fields: Record<string, unknown>
): Promise<Line> {
  const wanted = Object.entries(fields)
  const has = (line: Line): boolean => wanted.every(([name, value]) => line[name] === value)
  return waitFor(() => log.find(has), `a line with ${JSON.stringify(fields)}`)
}
