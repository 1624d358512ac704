/** Evaluates a request's conditions against one representation, in the order of RFC 9110 13.2.2. */
import { matchesIfMatch, matchesIfNoneMatch } from './etag.ts'
import { parseHttpDate } from './http-date.ts'

/** The request headers that make a request conditional, as Node names them. */
export interface ConditionalHeaders {
  'if-match'?: string | undefined
  'if-none-match'?: string | undefined
  'if-modified-since'?: string | undefined
  'if-unmodified-since'?: string | undefined
}

/**
 * Whether the response to a GET or HEAD is 304: If-None-Match decides when present, else If-Modified-Since (RFC 9110
 * 13.1.2, 13.1.3). `lastModified` is in ms; without it, If-Modified-Since is ignored. The caller checks the method.
 */
export function notModified(
  headers: ConditionalHeaders,
  etag: string,
  lastModified?: number
): boolean {
  const tags = headers['if-none-match']
  if (tags !== undefined) return matchesIfNoneMatch(tags, etag)
  const since = headers['if-modified-since']
  if (since === undefined || lastModified === undefined) return false
  const date = parseHttpDate(since)
  return date !== undefined && wholeSeconds(lastModified) <= date
}

/**
 * Whether the response must be 412: If-Match decides when present, else If-Unmodified-Since (RFC 9110 13.1.1, 13.1.4).
 * Must be called before `notModified`. `lastModified` is in ms.
 */
export function preconditionFailed(
  headers: ConditionalHeaders,
  etag: string,
  lastModified?: number
): boolean {
  const tags = headers['if-match']
  if (tags !== undefined) return !matchesIfMatch(tags, etag)
  const since = headers['if-unmodified-since']
  if (since === undefined || lastModified === undefined) return false
  const date = parseHttpDate(since)
  return date !== undefined && wholeSeconds(lastModified) > date
}

/** HTTP dates have no fractions of a second, so a file's modification time is compared without them. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000
}
