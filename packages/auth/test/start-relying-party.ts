// The smallest server that lets users log in at a provider: what it does with logins is what RELIW does.

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { portOf, type TestContext } from '@reliw/testing'
import type { OidcFlow } from '../src/oidc/flow.ts'
import type { OidcProvider } from '../src/oidc/provider.ts'

export interface RelyingParty {
  /** Redirects to the provider. */
  readonly loginUrl: string
  /** Answers with an identity or a refusal, as JSON; a refusal's status is the answer's. */
  readonly redirectUri: string
}

/**
 * Starts a server that keeps the flow of a login in memory, for the browser that has its cookie, until
 * the browser comes back. It ends with the test.
 *
 * @param getProvider is called for each request
 */
export async function startRelyingParty(
  t: TestContext,
  getProvider: () => OidcProvider
): Promise<RelyingParty> {
  const flows = new Map<string, OidcFlow>()
  const server = createServer((request, response) => {
    const handle = request.url === '/login' ? begin : finish
    void handle(getProvider(), flows, request, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const origin = `http://127.0.0.1:${portOf(server)}`
  return { loginUrl: `${origin}/login`, redirectUri: `${origin}/callback` }
}

type Step = (
  oidc: OidcProvider,
  flows: Map<string, OidcFlow>,
  request: IncomingMessage,
  response: ServerResponse
) => Promise<void>

const begin: Step = async (oidc, flows, request, response) => {
  const start = await oidc.begin(redirectUriOf(request))
  if ('refused' in start) return send(response, start.refused, start)
  const id = randomUUID()
  flows.set(id, start.flow)
  response.writeHead(303, { location: start.location, 'set-cookie': `login=${id}; HttpOnly` }).end()
}

const finish: Step = async (oidc, flows, request, response) => {
  const id = /login=([^;]*)/.exec(request.headers.cookie ?? '')?.[1] ?? ''
  const flow = flows.get(id)
  flows.delete(id)
  if (flow === undefined) return send(response, 403, { refused: 403, reason: 'no login begun' })
  const redirectUri = redirectUriOf(request)
  const result = await oidc.finish(new URL(request.url ?? '/', redirectUri), flow, redirectUri)
  send(response, 'refused' in result ? result.refused : 200, result)
}

function redirectUriOf({ headers }: IncomingMessage): string {
  return `http://${headers.host}/callback`
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
