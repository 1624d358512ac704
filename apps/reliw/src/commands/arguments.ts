import { Duration, normalizeHost, normalizeSiteName } from '@reliw/options'
import { UsageError } from '../report-failure.ts'

/**
 * The name of a site: a host or a wildcard.
 *
 * @throws UsageError
 */
export function readSiteName(given: string): string {
  const name = normalizeSiteName(given)
  if (name === undefined) throw new UsageError(`"${given}" is not a valid host.`)
  return name
}

/**
 * A host that a request may name.
 *
 * @throws UsageError
 */
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
