// A site whose entry is an origin behind an auth server, which is asked about each request.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Origin, portOf, respond, startOrigin, type TestContext } from '@reliw/testing'
import { type ProtectedServer, startProtected } from './protected-site.ts'

export interface ForwardServer extends ProtectedServer {
  upstream: Origin
  sso: Server
  /** What the auth server was asked. */
  questions: IncomingMessage[]
  /** Where it is asked, as a rule has it. */
  forward: { url: string }
}

/** An auth server as there are many: a cookie of its own says who somebody is. */
function judge(request: IncomingMessage, response: ServerResponse): void {
  const { cookie = '', accept = '', 'x-forwarded-uri': uri = '' } = request.headers
  if (cookie.includes('sso=ada')) {
    const cookies = ['sso=ada; Path=/; HttpOnly', 'seen=1']
    response.setHeader('Set-Cookie', cookies)
    response.setHeader('Remote-User', 'ada').setHeader('Remote-Groups', 'staff,admins').end()
  } else if (cookie.includes('sso=bob')) {
    response.writeHead(403, { 'content-type': 'text/plain' }).end('not for bob')
  } else if (accept.includes('text/html')) {
    const location = `https://sso.example/?rd=${encodeURIComponent(String(uri))}`
    response.writeHead(302, { location, 'set-cookie': 'state=s1' }).end('this way')
  } else {
    response.writeHead(401, { 'www-authenticate': 'Bearer realm="sso"' }).end('{"error":"login"}')
  }
}

/** Starts all three; the entry is `app`. */
export async function startForward(t: TestContext): Promise<ForwardServer> {
  const questions: IncomingMessage[] = []
  const sso = createServer((request, response) => {
    questions.push(request)
    judge(request, response)
  })
  await once(sso.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => sso.close().closeAllConnections())
  const upstream = await startOrigin(t, respond('of the origin', { 'set-cookie': 'app=1' }))
  const forward = { url: `http://127.0.0.1:${portOf(sso)}/verify` }
  const auth = { any: [{ forward }] }
  const app = { methods: { GET: true, POST: true }, auth, proxy: { target: upstream.url } }
  return { ...(await startProtected(t, { app })), upstream, sso, questions, forward }
}
