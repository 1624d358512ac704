import type { Upstream } from '@reliw/model'

type RetrySettings = Exclude<Upstream['retry'], false>

/** Those of RFC 9110 9.2.2, and QUERY (RFC 10008 2). */
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY']
/** Safe ones of WebDAV: RFC 4918 9.1, RFC 3253 3.6, RFC 5323 2. */
const WEBDAV_METHODS = ['PROPFIND', 'REPORT', 'SEARCH']
const IDEMPOTENT = new Set([...METHODS, ...WEBDAV_METHODS])

/** What a timer can wait, in milliseconds. */
const LONGEST_WAIT = 2 ** 31 - 1

/** RFC 9110 5.6.7: the date as it is written today, and its two old forms. */
const DATES = [
  /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [\d ]\d \d\d:\d\d:\d\d \d{4}$/
]

/** Whether a request that is sent twice means the same as one (RFC 9110 9.2.2). Case matters. */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method)
}

/**
 * The pause before a retry, in milliseconds: `backoff`, doubled from retry to retry up to
 * `max_backoff`. Half of it is random, so that those who failed together do not return together.
 *
 * @param retry 1 for the first one
 */
export function backoff(
  retry: number,
  { backoff: first, max_backoff }: Pick<RetrySettings, 'backoff' | 'max_backoff'>
): number {
  const pause = Math.min(first * 2 ** (retry - 1), max_backoff)
  return (pause / 2) * (1 + Math.random())
}

/**
 * How long a Retry-After header (RFC 9110 10.2.3) asks to wait, in milliseconds that a timer can
 * wait; 0 for a time that is over, undefined for what is neither seconds nor a date.
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
  // asctime names no zone, and would be read as local time.
  return Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`)
}
