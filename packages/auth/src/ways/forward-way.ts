import type { IncomingHttpHeaders } from 'node:http'
import { hasLeft, whenLeft } from '@reliw/http'
import type { FastifyBaseLogger } from 'fastify'
import type { Caller } from '../caller.ts'
import type { ForwardAuth } from '../forward/forward-auth.ts'
import type { Identity, Refusal } from '../identity.ts'
import { withheldCookies } from '../withhold.ts'

/** The client has its answer: with what it says against the request. */
export interface Answered {
  readonly answered: readonly Refusal[]
}

/** Who a request is from by what another server says; its own answer goes to the client where it says no. */
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

/** A page whose session ended, and an auth server with faults of its own, are no failures of a client. */
function refusalsOf(status: number, { cookie, authorization }: IncomingHttpHeaders): Refusal[] {
  if (status !== 401 && status !== 403) return []
  if (cookie === undefined && authorization === undefined) return []
  const reason = `the auth server answered ${status}`
  return [{ refused: 401, reason, failure: { way: 'forward' } }]
}
