import type { Upstream } from '@reliw/model'

type RetrySettings = Exclude<Upstream['retry'], false>

/** Idempotent methods of RFC 9110 9.2.2, and QUERY (RFC 10008 2). */
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY']
/** Safe WebDAV methods: RFC 4918 9.1, RFC 3253 3.6, RFC 5323 2. */
const WEBDAV_METHODS = ['PROPFIND', 'REPORT', 'SEARCH']
const IDEMPOTENT = new Set([...METHODS, ...WEBDAV_METHODS])

/** Longest delay of a timer, in milliseconds. */
const LONGEST_WAIT = 2 ** 31 - 1

/** The formats of dates (RFC 9110 5.6.7): the current one and the two obsolete ones. */
const DATES = [
  /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [\d ]\d \d\d:\d\d:\d\d \d{4}$/
]

/** Whether sending a request twice has the same effect as sending it once (RFC 9110 9.2.2). Case matters. */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method)
}

/**
 * The pause before a retry, in milliseconds: `backoff`, doubled with each retry up to `max_backoff`. Half of it is
 * random, so that requests that failed together are not retried together.
 *
 * @param retry 1 for the first retry
 */
export function backoff(
  retry: number,
  { backoff: first, max_backoff }: Pick<RetrySettings, 'backoff' | 'max_backoff'>
): number {
  const pause = Math.min(first * 2 ** (retry - 1), max_backoff)
  return (pause / 2) * (1 + Math.random())
}

/**
 * The delay in a Retry-After header (RFC 9110 10.2.3), in milliseconds, capped at the longest delay of a timer; 0 for a
 * time in the past, undefined for a value that is neither seconds nor a date.
 *
 * @param now milliseconds since the epoch
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : parseDate(value) - now
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), LONGEST_WAIT)
}

function parseDate(text: string): number {
  if (!DATES.some((form) => form.test(text))) return NaN
  // The asctime format names no time zone, and would be read as local time.
  return Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`)
}
