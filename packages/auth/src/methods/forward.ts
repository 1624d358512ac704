import type { IncomingHttpHeaders } from 'node:http'
import { hasLeft, whenLeft } from '@reliw/http'
import type { FastifyBaseLogger } from 'fastify'
import type { Caller } from '../caller.ts'
import type { ForwardAuth } from '../forward/forward-auth.ts'
import type { Identity, Refusal } from '../identity.ts'
import { withheldCookies } from '../withhold.ts'

/** The auth server's response has been sent to the client; `responded`: the refusal that it amounts to, if any. */
export interface Responded {
  readonly responded: readonly Refusal[]
}

/** Authenticates a request by asking an auth server. If that denies the request, its response is sent to the client. */
export async function authenticateByForwardAuth(
  forward: ForwardAuth,
  log: FastifyBaseLogger,
  caller: Caller
): Promise<Identity | Refusal | Responded> {
  const { request, reply, host, site, clientIp, isSecure } = caller
  const { method = 'GET', url = '/', headers, rawHeaders } = request.raw
  const decision = await forward.authorize({
    method,
    url,
    host: headers.host ?? host,
    site,
    scheme: isSecure ? 'https' : 'http',
    clientIp,
    requestId: request.id,
    rawHeaders,
    ownCookies: withheldCookies(caller.settings),
    whenLeft: (listener) => whenLeft(reply.raw, listener)
  })
  switch (decision.kind) {
    case 'allowed':
      for (const cookie of decision.setCookies) reply.header('set-cookie', cookie)
      return decision.identity
    case 'failed':
      if (!hasLeft(reply.raw))
        log.error(
          { request_id: request.id, auth: { host, reason: decision.reason } },
          'auth failed'
        )
      return { refused: 503, reason: decision.reason }
    case 'response':
      reply.code(decision.status)
      for (let at = 0; at < decision.headers.length; at += 2)
        reply.header(decision.headers[at] ?? '', decision.headers[at + 1])
      reply.send(decision.body)
  }
  return { responded: refusalsOf(decision.status, headers) }
}

/**
 * Only a 401 or 403 to a request with credentials is a failure of the client: not the redirect of an expired session.
 */
function refusalsOf(status: number, { cookie, authorization }: IncomingHttpHeaders): Refusal[] {
  if (status !== 401 && status !== 403) return []
  if (cookie === undefined && authorization === undefined) return []
  const reason = `the auth server responded with ${status}`
  return [{ refused: 401, reason, failure: { method: 'forward' } }]
}
