import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { openRaw, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import type { Browser } from '../../../packages/auth/test/browser.ts'
import { cookieOf, HOST, type ProtectedServer, startProtected } from './protected-site.ts'
import { type EchoOrigin, exchange, newWebSocket, startEcho, upgradeRequest } from './websockets.ts'

interface Setup extends ProtectedServer {
  echo: EchoOrigin
  /** How many sockets the origin was asked for. */
  asked: () => number
}

/** A site with WebSockets for ada alone. */
async function start(t: TestContext): Promise<Setup> {
  const echo = await startEcho(t)
  let count = 0
  echo.server.on('headers', () => count++)
  const entries = { chat: { auth: ['ada'], proxy: { target: echo.target } } }
  return { ...(await startProtected(t, entries)), echo, asked: () => count }
}

function headersOf({ session = '' }: Browser): Record<string, string> {
  return { cookie: `rlw_session_token=${session}` }
}

/** The status that a WebSocket is refused with. */
async function refusal(
  t: TestContext,
  { port }: Setup,
  headers: Record<string, string> = {}
): Promise<IncomingMessage> {
  const socket = newWebSocket(t, port, { site: HOST, path: '/chat', headers })
  const [request, response] = (await once(socket, 'unexpected-response')) as [
    { destroy: () => void },
    IncomingMessage
  ]
  request.destroy()
  return response
}

test('an admitted client gets a WebSocket, and the origin its identity', async (t) => {
  const { port, logIn, echo } = await start(t)
  const connected = once(echo.server, 'connection')
  const headers = { ...headersOf(await logIn()), 'remote-user': 'root', remote_groups: 'wheel' }
  const socket = newWebSocket(t, port, { site: HOST, path: '/chat', headers })
  await once(socket, 'open')
  t.match(await exchange(socket, 'hello'), { data: Buffer.from('hello') })
  const [, request] = (await connected) as [unknown, IncomingMessage]
  t.match(request.headers, { 'remote-user': 'ada', 'remote-groups': 'staff' })
  t.notOk(request.headers['remote_groups'])
})

test('other clients are refused, and the origin gets no request', async (t) => {
  const setup = await start(t)
  const { logIn, asked, line } = setup
  const stranger = await refusal(t, setup)
  t.match(stranger, { statusCode: 302, headers: { location: '/login?next=%2Fchat' } })
  t.equal((await refusal(t, setup, headersOf(await logIn('bob')))).statusCode, 403)
  const forged = { cookie: `rlw_session_token=${'x'.repeat(43)}` }
  t.equal((await refusal(t, setup, forged)).statusCode, 302)
  t.equal(asked(), 0)
  await line({ msg: 'request', path: '/chat', status: 302 })
})

test('an ended session opens no more WebSockets', async (t) => {
  const setup = await start(t)
  const ada = await setup.logIn()
  const headers = headersOf(ada)
  await once(newWebSocket(t, setup.port, { site: HOST, path: '/chat', headers }), 'open')
  await ada.visit('/logout')
  t.equal((await refusal(t, setup, headers)).statusCode, 302)
  t.equal(setup.asked(), 1)
})

test('bytes after a refused upgrade are not parsed as requests', async (t) => {
  const { port, logIn, asked } = await start(t)
  const bob = `${cookieOf(await logIn('bob'))}\r\n\r\n`
  const head = upgradeRequest('/chat', { host: HOST }).replace(/\r\n$/, bob)
  const client = openRaw(port)
  t.teardown(() => client.destroy())
  client.write(`${head}GET /login HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`)
  const answer = await client.readToEnd()
  t.match(answer, /^HTTP\/1\.1 403 /)
  t.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, 'one answer')
  t.equal(asked(), 0)
})
