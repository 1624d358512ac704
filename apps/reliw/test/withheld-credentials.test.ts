import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type Origin, rawRequest, respond, startOrigin, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import { cookieOf, HOST, PASSWORD, type ProtectedServer, startProtected } from './protected-site.ts'
import { startForward } from './start-forward.ts'
import { KEY, startIdentityUpstream } from './start-identity-upstream.ts'
import { newWebSocket, startEcho } from './websockets.ts'

const BASIC = `Authorization: Basic ${Buffer.from(`bob:${PASSWORD}`).toString('base64')}`
const OWN_COOKIES = ['rlw_session_token', 'rlw_csrf', 'rlw_login'].flatMap((name) => [
  `${name}=x`,
  `__Host-${name}=x`
])

/** The lines of one header that the origin got with its last request, as they came. */
function got({ requests }: Origin, name: string): string[] {
  const headers = requests.at(-1)?.headers ?? []
  return headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)
}

/** A whole host behind an upstream, beside the site with a login. */
async function startWhole(
  t: TestContext,
  settings: object = {}
): Promise<ProtectedServer & { upstream: Origin; ask: (...lines: string[]) => Promise<string> }> {
  const upstream = await startOrigin(t, respond('whole'))
  const values = { 'PROXY:a.example': { target: upstream.url }, 'SITE:a.example': settings }
  const server = await startProtected(t, {}, values)
  const ask = (...lines: string[]): Promise<string> =>
    rawRequest(
      server.port,
      ['GET / HTTP/1.1', 'Host: a.example', 'Connection: close', ...lines, '', ''].join('\r\n')
    )
  return { ...server, upstream, ask }
}

test('our cookies are not forwarded to origins, with or without a rule', async (t) => {
  const { logIn, send, upstream } = await startIdentityUpstream(t)
  const session = cookieOf(await logIn())
  for (const path of ['/private', '/public']) {
    const lines = [`${session}; theme="dark; x"; app=1`, `Cookie: ${OWN_COOKIES.join('; ')}`]
    t.match(await send('GET', path, ...lines, 'cookie: last=1'), /^HTTP\/1\.1 200 /, path)
    t.strictSame(got(upstream, 'cookie'), ['theme="dark; x"; app=1; last=1'])
    t.match(await send('GET', path, session), /^HTTP\/1\.1 200 /, path)
    t.strictSame(got(upstream, 'cookie'), [], 'a header without others is dropped')
  }
})

test("an app's own cookies and credentials are forwarded unchanged without a rule", async (t) => {
  const { send, upstream } = await startIdentityUpstream(t)
  const cookie = 'a=1 ;b="x;y";; rlw_session_tokens=1;RLW_CSRF=\xe9; c'
  const lines = [`X-API-Key: ${KEY}`, `Cookie: ${cookie}`]
  for (const authorization of ['basic  x y', `Bearer ${KEY}`, 'Digest username="x"']) {
    await send('GET', '/public?key=a%20b&&c', `Authorization: ${authorization}`, ...lines)
    t.strictSame(got(upstream, 'authorization'), [authorization])
    t.strictSame(got(upstream, 'x-api-key'), [KEY])
    t.strictSame(got(upstream, 'cookie'), [cookie])
    t.equal(upstream.requests.at(-1)?.target, '/public?key=a%20b&&c')
  }
})

test('credentials that a rule accepts are not forwarded, whatever method admitted the request', async (t) => {
  const { logIn, send, upstream } = await startIdentityUpstream(t)
  const session = cookieOf(await logIn())
  for (const lines of [
    [BASIC],
    [`authorization: bearer ${KEY}`],
    [`X-API-Key: ${KEY}`],
    [`X-API-Key: ${KEY}`, `x_api_key: ${KEY}`, BASIC],
    [session, BASIC],
    [session, `X-API-Key: ${KEY}`]
  ]) {
    t.match(await send('GET', '/private', ...lines), /^HTTP\/1\.1 200 /, lines.join())
    for (const name of ['authorization', 'x-api-key', 'x_api_key'])
      t.strictSame(got(upstream, name), [], lines.join())
  }
})

test('credentials that the rule does not accept are forwarded', async (t) => {
  const { logIn, send, upstream } = await startIdentityUpstream(t)
  const session = cookieOf(await logIn())
  for (const [name, value] of [
    ['authorization', 'Bearer of-the-app'],
    ['authorization', 'Digest username="x"'],
    ['x-api-key', 'of-the-app']
  ] as const) {
    t.match(await send('GET', '/private', session, `${name}: ${value}`), /^HTTP\/1\.1 200 /)
    t.strictSame(got(upstream, name), [value])
  }
})

test('the upstream of a whole host gets all credentials, but not our cookies', async (t) => {
  const { ask, upstream, set } = await startWhole(t)
  const cookies = `Cookie: ${OWN_COOKIES.join('; ')}; mine=1; own=1`
  t.match(await ask(cookies, BASIC), /^HTTP\/1\.1 200 /)
  t.strictSame(got(upstream, 'cookie'), ['mine=1; own=1'])
  t.strictSame(got(upstream, 'authorization'), [BASIC.slice('Authorization: '.length)])
  await set('SITE:a.example', { auth: { cookie: 'mine' } })
  await ask('Cookie: mine=1; __Host-mine=2; own=1')
  t.strictSame(got(upstream, 'cookie'), ['own=1'], 'by the name that the site gives it')
})

test('a site can forward its session, and stop at once', async (t) => {
  const cookie = `${OWN_COOKIES.join('; ')}; own=1`
  const { ask, upstream, set } = await startWhole(t, { auth: { forward_session: true } })
  await ask(`Cookie: ${cookie}`)
  t.strictSame(got(upstream, 'cookie'), [cookie])
  await set('SITE:a.example', { auth: { forward_authorization: true } })
  await ask(`Cookie: ${cookie}`)
  t.strictSame(got(upstream, 'cookie'), ['own=1'])
})

test('a site can forward the credentials that its rules accept', async (t) => {
  const { logIn, send, set, upstream } = await startIdentityUpstream(t)
  await set(`SITE:${HOST}`, { auth: { forward_authorization: true } })
  const session = cookieOf(await logIn())
  t.match(await send('GET', '/private', BASIC, session), /^HTTP\/1\.1 200 /)
  t.strictSame(got(upstream, 'authorization'), [BASIC.slice('Authorization: '.length)])
  t.strictSame(got(upstream, 'cookie'), [], 'and not the session with them')
  await send('GET', '/private', `X-API-Key: ${KEY}`)
  t.strictSame(got(upstream, 'x-api-key'), [KEY])
})

test('requests are not forwarded while the settings of their site were never valid', async (t) => {
  const { ask, upstream } = await startWhole(t, { auth: { forward_session: 'yes' } })
  t.match(await ask('Cookie: rlw_session_token=x; own=1'), /^HTTP\/1\.1 500 /)
  t.equal(upstream.requests.length, 0)
})

test("a WebSocket's origin gets neither the session nor the rule's credentials", async (t) => {
  const echo = await startEcho(t)
  const auth = { any: ['session', 'basic'] }
  const server = await startProtected(t, { chat: { auth, proxy: { target: echo.target } } })
  const { session = '' } = await server.logIn()
  const connected = once(echo.server, 'connection')
  const cookie = `a=1; rlw_session_token=${session}; b=2`
  const authorization = BASIC.slice('Authorization: '.length)
  const headers = { cookie, authorization }
  await once(newWebSocket(t, server.port, { site: HOST, path: '/chat', headers }), 'open')
  const [, request] = (await connected) as [unknown, IncomingMessage]
  t.equal(request.headers.cookie, 'a=1; b=2')
  t.equal(request.headers.authorization, undefined)
  t.equal(request.headers['remote-user'], 'ada')
})

test('a forward-auth server gets cookies and credentials, except our cookies', async (t) => {
  const { send, questions, upstream, set } = await startForward(t)
  const lines = [`Cookie: rlw_session_token=x; sso=ada; rlw_csrf=y`, 'Authorization: Bearer x']
  t.match(await send('GET', '/app', ...lines), /^HTTP\/1\.1 200 /)
  t.match(questions.at(-1)?.headers, { cookie: 'sso=ada', authorization: 'Bearer x' })
  t.strictSame(got(upstream, 'cookie'), ['sso=ada'])
  t.strictSame(got(upstream, 'authorization'), ['Bearer x'], 'which is not for us')
  await set(`SITE:${HOST}`, { auth: { forward_session: true } })
  await send('GET', '/app', ...lines)
  t.equal(questions.at(-1)?.headers.cookie, 'rlw_session_token=x; sso=ada; rlw_csrf=y')
})
