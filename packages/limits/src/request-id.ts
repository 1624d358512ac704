import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Long enough for what proxies make; nothing that needs escaping in a header, log or page. */
const SANE_ID = /^[\w.:+/=@-]{1,128}$/

type RawRequest = Pick<IncomingMessage, 'headers' | 'socket'>

/** Makes the id of a request: Fastify's `genReqId`. */
export type RequestIds = (raw: RawRequest) => string

/**
 * A source of request ids: a random prefix of its own, then a counter. They are unique across
 * processes, and no secret.
 *
 * @param isTrusted whether the X-Request-ID of a request is taken over if it is sane: 1–128 of
 * `A-Z a-z 0-9 . _ : + / = @ -`. Default: never
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
