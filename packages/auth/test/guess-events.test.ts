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

t.test('a forged token is reported as a guess, and an expired one is not', async (t) => {
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

const jwtOf = (secret: string) => ({ jwt: { algorithms: ['HS256' as const], secret } })

t.test('a token that one of several issuers signed is no failure of its client', async (t) => {
  const events = listen(t)
  const OTHER = `another: ${SECRET}`
  const any = [jwtOf(SECRET), jwtOf(OTHER)]
  const { origin } = await startApp(t, {}, { '/jwt': { any } })
  const show = async (token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` }
    return (await new Browser(origin).visit('/jwt', { headers })).status
  }
  t.equal(await show(await tokenOf(OTHER, '1h')), 200)
  t.equal(events.length, 0, 'the second one accepted it')
  t.equal(await show(await tokenOf(SECRET, '-1h')), 401)
  t.equal(await show(await tokenOf(OTHER, '-1h')), 401)
  t.equal(await show(await tokenOf('neither of them, and long enough', '1h')), 401)
  t.match(events, [{ isGuess: false }, { isGuess: false }, { isGuess: true }])
  t.equal(events.length, 3, 'each request is told of once')
})

const LONG = `${SECRET}, of 48 bytes and more than that`
const byHs384 = { jwt: { algorithms: ['HS384' as const], secret: LONG } }

t.test(
  'a key or an algorithm that is not the issuer’s is no guess, and excuses none',
  async (t) => {
    const events = listen(t)
    const rules = {
      '/one': { any: [byHs384] },
      '/two': { any: [byHs384, jwtOf(LONG)] }
    }
    const { origin } = await startApp(t, {}, rules)
    const headers = { authorization: `Bearer ${await tokenOf(`not ${SECRET}`, '1h')}` }
    t.equal((await new Browser(origin).visit('/one', { headers })).status, 403)
    t.equal((await new Browser(origin).visit('/two', { headers })).status, 401)
    t.match(events, [{ isGuess: false }, { isGuess: true, reason: 'wrong signature' }])
    t.equal(events.length, 2)
  }
)

t.test(
  'a token or password that the auth server accepts is no failure of its client',
  async (t) => {
    const events = listen(t)
    const server = createServer((request, response) => {
      const isKnown = /opaque|Basic/.test(request.headers.authorization ?? '')
      response.writeHead(isKnown ? 200 : 401, { 'remote-user': 'ada' }).end()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    t.teardown(() => {
      server.close()
      server.closeAllConnections()
    })
    const forward = { url: `http://127.0.0.1:${portOf(server)}/` }
    const jwt = { algorithms: ['HS256' as const], secret: SECRET }
    const options = { jwt, forward, users: {} }
    const { origin } = await startApp(t, options, { '/f': { any: ['jwt', 'basic', 'forward'] } })
    const show = async (authorization: string): Promise<number> =>
      (await new Browser(origin).visit('/f', { headers: { authorization } })).status
    t.equal(await show('Bearer opaque'), 200)
    t.equal(await show('Basic YWRhOnB3'), 200)
    t.equal(events.length, 0)
    t.equal(await show('Bearer forged'), 401)
    t.match(events, [{ way: 'forward', isGuess: true }])
    t.equal(events.length, 1)
  }
)

t.test(
  'a forward-auth server’s 401 and 403 are failures of clients that sent credentials',
  async (t) => {
    const events = listen(t)
    const SHOWN = [{ cookie: 'session=old' }, { authorization: 'Basic YTpi' }, {}, {}]
    const waiting = [401, 403, 401, 403, 404, 429, 302, 302, 400, 400, 200]
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
    for (const [n, status] of statuses.entries()) {
      const headers = SHOWN[n % SHOWN.length] ?? {}
      t.equal((await new Browser(origin).visit('/forward', { headers })).status, status)
    }
    t.match(
      events.map(({ way, reason }) => `${way}: ${reason}`),
      ['forward: the auth server responded with 401', 'forward: the auth server responded with 403']
    )
    t.equal(events.length, 2)
  }
)
