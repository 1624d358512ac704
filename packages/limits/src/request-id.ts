import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/**
 * Accepted request ids: long enough for the ids of common proxies, without characters that need escaping in a header,
 * log or page.
 */
const SANE_ID = /^[\w.:+/=@-]{1,128}$/

type RawRequest = Pick<IncomingMessage, 'headers' | 'socket'>

/** Creates the id of a request, as Fastify's `genReqId`. */
export type RequestIds = (raw: RawRequest) => string

/**
 * Creates a generator of request ids: a random prefix, then a counter. The ids are unique across processes, but not
 * secret.
 *
 * @param isTrusted whether the request's own X-Request-ID is used, provided that it consists of 1–128 of `A-Z a-z 0-9 .
 * _ : + / = @ -`. Default: never
 */
export function createRequestIds(isTrusted: (raw: RawRequest) => boolean = never): RequestIds {
  const prefix = `${randomBytes(8).toString('base64url')}-`
  let count = 0

  return function requestId(raw) {
    const given = raw.headers['x-request-id']
    if (typeof given === 'string' && SANE_ID.test(given) && isTrusted(raw)) return given
    count += 1
    return prefix + count.toString(36)
  }
}

function never(): boolean {
  return false
}
