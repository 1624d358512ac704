import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import type { KnownFacts } from '@reliw/http'
import { createAuthority } from '@reliw/testing'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { auth, type AuthOptions } from '../src/index.ts'
import { type BrowserResponse, Browser } from './browser.ts'
import { startApp } from './start-app.ts'
import { userOf } from './stored-users.ts'

/** Name and attributes of each cookie that an answer sets, in the order of the alphabet. */
function attributesOf({ setCookies }: Pick<BrowserResponse, 'setCookies'>): string[] {
  return setCookies.map((line) => {
    const [pair = '', ...attributes] = line.split('; ')
    return [pair.replace(/=.*/, ''), ...attributes.toSorted()].join(' ')
  })
}

async function cookiesOfLogin(
  t: Test,
  options: AuthOptions,
  known: KnownFacts = {}
): Promise<string[][]> {
  const users = { ada: await userOf('correct') }
  const { origin } = await startApp(t, { users, ...options }, {}, () => known)
  const browser = new Browser(origin)
  const page = await browser.visit('/login')
  const login = await browser.submit(page, { login: 'ada', password: 'correct' })
  const logout = await browser.visit('/logout')
  return [page, login, logout].map(attributesOf)
}

t.test('cookies are for this host alone, for no script, and for no other site', async (t) => {
  t.same(await cookiesOfLogin(t, {}), [
    ['rlw_csrf HttpOnly Path=/ SameSite=Lax Secure'],
    ['rlw_session_token HttpOnly Path=/ SameSite=Lax Secure'],
    ['rlw_session_token HttpOnly Max-Age=0 Path=/ SameSite=Lax Secure']
  ])
})

t.test('behind TLS their names say that nobody else can have set them', async (t) => {
  for (const sessions of [{}, { allow_http: true }]) {
    t.same(await cookiesOfLogin(t, { sessions }, { isSecure: true }), [
      ['__Host-rlw_csrf HttpOnly Path=/ SameSite=Lax Secure'],
      ['__Host-rlw_session_token HttpOnly Path=/ SameSite=Lax Secure'],
      ['__Host-rlw_session_token HttpOnly Max-Age=0 Path=/ SameSite=Lax Secure']
    ])
  }
})

t.test('with allow_http they are sent without TLS', async (t) => {
  t.same(await cookiesOfLogin(t, { sessions: { allow_http: true } }), [
    ['rlw_csrf HttpOnly Path=/ SameSite=Lax'],
    ['rlw_session_token HttpOnly Path=/ SameSite=Lax'],
    ['rlw_session_token HttpOnly Max-Age=0 Path=/ SameSite=Lax']
  ])
})

t.test('behind TLS a cookie without the prefix counts for nothing', async (t) => {
  const users = { ada: await userOf('correct') }
  let isSecure = false
  const { origin } = await startApp(t, { users }, {}, () => ({ isSecure }))
  const browser = new Browser(origin)
  await browser.logIn('ada', 'correct')
  t.equal((await browser.visit('/private')).status, 200)
  isSecure = true
  t.equal((await browser.visit('/private')).status, 302)
  browser.cookies.set('__Host-rlw_session_token', browser.session ?? '')
  t.equal((await browser.visit('/private')).status, 200)
  isSecure = false
  browser.cookies.delete('rlw_session_token')
  t.equal((await browser.visit('/private')).status, 302, 'nor the other way round')
})

t.test('an app that speaks TLS itself needs no setting for secure cookies', async (t) => {
  const authority = await createAuthority()
  const { cert, key } = await authority.issue(['127.0.0.1'])
  const app = Fastify({ https: { cert, key } })
  t.teardown(() => app.close())
  await app.register(auth, {})
  app.get('/login', { config: { auth: { login: true } } }, async () => undefined)
  const request = get(`${await app.listen({ host: '127.0.0.1', port: 0 })}/login`, {
    ca: authority.cert,
    agent: false
  })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  t.match(response.headers['set-cookie'], [/^__Host-rlw_csrf=/])
})

t.test(
  'a new login says only what the session is, in 256 bits that nobody can guess',
  async (t) => {
    const users = { ada: await userOf('correct') }
    const { origin } = await startApp(t, { users })
    const tokens = new Set<string>()
    for (let n = 0; n < 5; n++) {
      const browser = new Browser(origin)
      await browser.logIn('ada', 'correct')
      for (const value of browser.cookies.values()) {
        t.match(value, /^[\w-]{43}$/)
        tokens.add(value)
      }
    }
    t.equal(tokens.size, 10)
  }
)
