import type { IncomingHttpHeaders } from 'node:http'
import { hasLeft, whenLeft } from '@reliw/http'
import type { FastifyBaseLogger } from 'fastify'
import type { Caller } from '../caller.ts'
import type { ForwardAuth } from '../forward/forward-auth.ts'
import type { Identity, Refusal } from '../identity.ts'
import { withheldCookies } from '../withhold.ts'

/** The auth server's response has been sent to the client; `answered`: the refusal that it amounts to, if any. */
export interface Answered {
  readonly answered: readonly Refusal[]
}

/** Authenticates a request by asking an auth server. If that denies the request, its response is sent to the client. */
export async function askForward(
  forward: ForwardAuth,
  log: FastifyBaseLogger,
  caller: Caller
): Promise<Identity | Refusal | Answered> {
  const { request, reply, host, clientIp, isSecure } = caller
  const { method = 'GET', url = '/', headers, rawHeaders } = request.raw
  const verdict = await forward.ask({
    method,
    url,
    host: headers.host ?? host,
    scheme: isSecure ? 'https' : 'http',
    clientIp,
    requestId: request.id,
    rawHeaders,
    ownCookies: withheldCookies(caller.settings),
    whenLeft: (tell) => whenLeft(reply.raw, tell)
  })
  switch (verdict.kind) {
    case 'allowed':
      for (const cookie of verdict.setCookies) reply.header('set-cookie', cookie)
      return verdict.identity
    case 'failed':
      if (!hasLeft(reply.raw))
        log.error({ request_id: request.id, auth: { host, reason: verdict.reason } }, 'auth failed')
      return { refused: 503, reason: verdict.reason }
    case 'answer':
      reply.code(verdict.status)
      for (let at = 0; at < verdict.headers.length; at += 2)
        reply.header(verdict.headers[at] ?? '', verdict.headers[at + 1])
      reply.send(verdict.body)
  }
  return { answered: refusalsOf(verdict.status, headers) }
}

/**
 * Only a 401 or 403 to a request with credentials is a failure of the client: not the redirect of an expired session.
 */
function refusalsOf(status: number, { cookie, authorization }: IncomingHttpHeaders): Refusal[] {
  if (status !== 401 && status !== 403) return []
  if (cookie === undefined && authorization === undefined) return []
  const reason = `the auth server answered ${status}`
  return [{ refused: 401, reason, failure: { way: 'forward' } }]
}
