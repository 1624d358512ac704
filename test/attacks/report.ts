import { formatTable } from '../../bench/harness/table.ts'
import type { Outcome } from './withstand.ts'

const HEAD = [
  'attack',
  'survived',
  'worst honest request',
  'failed',
  'memory before/peak/after',
  'descriptors'
]

/** A line of the table. */
export function rowOf({ attack, lived, honest, before, peak, after }: Outcome): string[] {
  const usages = [before, peak, after]
  const memory = usages.map((usage) => Math.round(usage.memory / 1024 / 1024)).join(' / ')
  const descriptors = usages.map((usage) => usage.descriptors).join(' / ')
  const worst = `${Math.round(honest.worst)} ms`
  const failed = `${honest.failures.length} of ${honest.asked}`
  return [attack, lived ? 'yes' : 'no', worst, failed, `${memory} MiB`, descriptors]
}

export function table(rows: readonly (readonly string[])[]): string {
  return formatTable({ head: HEAD, rows })
}
