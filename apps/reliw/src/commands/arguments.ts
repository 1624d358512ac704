import { Duration, normalizeHost } from '@reliw/options'
import { UsageError } from '../report-failure.ts'

/** @throws UsageError */
export function readHost(given: string): string {
  const host = normalizeHost(given)
  if (host === undefined) throw new UsageError(`"${given}" is not a valid host.`)
  return host
}

/**
 * The time of `--for`, in milliseconds; undefined when it is not given.
 *
 * @throws UsageError
 */
export function readTime(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  const { data } = Duration.safeParse(/^\d+$/.test(given) ? Number(given) : given)
  if (data === undefined || data === 0)
    throw new UsageError('--for: expected a duration, such as 90 (seconds), 15m, 1h or 7d.')
  return data
}

/** Splits names at commas. */
export function readNames(given: string | undefined): string[] {
  const names = given?.split(',').map((name) => name.trim()) ?? []
  return names.filter((name) => name !== '')
}
