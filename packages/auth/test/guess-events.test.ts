import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { portOf } from '@reliw/testing'
import { SignJWT } from 'jose'
import t, { type Test } from 'tap'
import type { AuthEvent } from '../src/index.ts'
import { Browser } from './browser.ts'
import { startApp } from './start-app.ts'

const SECRET = 'a secret of 32 characters or more'

/** Failures that are told of until the end of the test. */
function listen(t: Test): AuthEvent[] {
  const events: AuthEvent[] = []
  const hear = (event: unknown): void => void events.push(event as AuthEvent)
  subscribe('reliw.auth.failure', hear)
  t.teardown(() => unsubscribe('reliw.auth.failure', hear))
  return events
}

async function tokenOf(secret: string, expires: string): Promise<string> {
  const jwt = new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'HS256' })
  return jwt.setExpirationTime(expires).sign(new TextEncoder().encode(secret))
}

t.test('a forged token is told of as a guess, and one that ran out is not', async (t) => {
  const events = listen(t)
  const jwt = { algorithms: ['HS256' as const], secret: SECRET }
  const { origin } = await startApp(t, { jwt }, { '/jwt': { any: ['jwt'] } })
  const show = async (token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` }
    return (await new Browser(origin).visit('/jwt', { headers })).status
  }
  t.equal(await show(await tokenOf(SECRET, '1h')), 200)
  t.equal(await show(await tokenOf(`not ${SECRET}`, '1h')), 401)
  t.equal(await show('x.y.z'), 403)
  t.equal(await show(await tokenOf(SECRET, '-1h')), 401)
  t.match(events, [
    { way: 'jwt', reason: 'wrong signature', isGuess: true },
    { way: 'jwt', isGuess: true },
    { way: 'jwt', isGuess: false }
  ])
})

t.test('each 4xx of a forward-auth server is told of as a failure, and no redirect', async (t) => {
  const events = listen(t)
  const waiting = [401, 403, 302, 429, 200]
  const statuses = waiting.slice()
  const server = createServer((_request, response) => {
    const status = waiting.shift() ?? 500
    response.writeHead(status, { location: '/', 'remote-user': 'ada' }).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const forward = { url: `http://127.0.0.1:${portOf(server)}/` }
  const { origin } = await startApp(t, { forward }, { '/forward': { any: ['forward'] } })
  for (const status of statuses)
    t.equal((await new Browser(origin).visit('/forward')).status, status)
  t.match(
    events.map(({ way, reason }) => `${way}: ${reason}`),
    [
      'forward: the auth server answered 401',
      'forward: the auth server answered 403',
      'forward: the auth server answered 429'
    ]
  )
  t.equal(events.length, 3)
})
