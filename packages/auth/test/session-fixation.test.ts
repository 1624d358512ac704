import t, { type Test } from 'tap'
import { newToken } from '../src/token.ts'
import { Browser } from './browser.ts'
import { startApp } from './start-app.ts'
import { userOf } from './stored-users.ts'
import { code, TOTP_SECRET } from './totp-codes.ts'

const SESSION = 'rlw_session_token'

async function start(t: Test): Promise<Browser[]> {
  const users = {
    ada: await userOf('pw'),
    eve: await userOf('pw'),
    cy: await userOf('pw', { totp: TOTP_SECRET })
  }
  const { origin } = await startApp(t, { users })
  return [new Browser(origin), new Browser(origin)]
}

t.test('a token that somebody else chose becomes no session', async (t) => {
  const [victim, attacker] = (await start(t)) as [Browser, Browser]
  const chosen = newToken()
  victim.cookies.set(SESSION, chosen)
  attacker.cookies.set(SESSION, chosen)
  t.equal((await victim.logIn('ada', 'pw')).status, 303)
  t.not(victim.session, chosen)
  t.equal((await victim.visit('/private')).status, 200)
  t.equal((await attacker.visit('/private')).status, 302)
})

t.test('a session of somebody else is not taken over, but ended', async (t) => {
  const [victim, attacker] = (await start(t)) as [Browser, Browser]
  await attacker.logIn('eve', 'pw')
  const planted = attacker.session ?? ''
  victim.cookies.set(SESSION, planted)
  t.match(JSON.parse((await victim.visit('/private')).text), { user: 'eve' })
  await victim.logIn('ada', 'pw')
  t.not(victim.session, planted)
  t.match(JSON.parse((await victim.visit('/private')).text), { user: 'ada' })
  t.equal((await attacker.visit('/private')).status, 302)
})

t.test('each login begins a session of its own, and ends the one it replaces', async (t) => {
  const [browser, thief] = (await start(t)) as [Browser, Browser]
  await browser.logIn('ada', 'pw')
  thief.cookies.set(SESSION, browser.session ?? '')
  t.equal((await thief.visit('/private')).status, 200)
  await browser.logIn('ada', 'pw')
  t.equal((await thief.visit('/private')).status, 302)
  t.equal((await browser.visit('/private')).status, 200)
})

t.test('a login that fails ends nothing', async (t) => {
  const [browser] = (await start(t)) as [Browser, Browser]
  await browser.logIn('ada', 'pw')
  t.equal((await browser.logIn('ada', 'wrong')).status, 401)
  t.equal((await browser.visit('/private')).status, 200)
})

t.test('a login that lacks its second step is no session, by whatever cookie', async (t) => {
  const [browser, other] = (await start(t)) as [Browser, Browser]
  const page = await browser.logIn('cy', 'pw')
  t.equal(page.status, 200)
  t.equal(browser.session, undefined)
  const pending = browser.cookies.get('rlw_login') ?? ''
  t.match(pending, /^[\w-]{43}$/)
  t.equal((await browser.visit('/private')).status, 302)
  for (const name of [SESSION, `__Host-${SESSION}`]) {
    other.cookies.set(name, pending)
    t.equal((await other.visit('/private')).status, 302, name)
  }
  t.equal((await browser.submit(page, { code: code() })).status, 303)
  t.not(browser.session, pending)
  t.notOk(browser.cookies.has('rlw_login'))
  t.equal((await browser.visit('/private')).status, 200)
  t.equal((await other.visit('/private')).status, 302, 'afterwards neither')
})

t.test('a malformed, unknown or ended token has no identity', async (t) => {
  const [browser, other] = (await start(t)) as [Browser, Browser]
  await browser.logIn('ada', 'pw')
  const token = browser.session ?? ''
  const last = token.endsWith('A') ? 'B' : 'A'
  for (const value of [
    '',
    'ada',
    newToken(),
    token.slice(1),
    `${token}A`,
    token.slice(0, -1) + last,
    token.toLowerCase(),
    `"${token}"x`,
    `${token} `.repeat(100),
    '../../SESSIONS',
    '*',
    '%00'
  ]) {
    other.cookies.set(SESSION, value)
    t.equal((await other.visit('/private')).status, 302, value.slice(0, 60))
  }
  const headers = { cookie: `a=b; ${SESSION}=x; ${SESSION}=${token}` }
  t.equal((await new Browser(browser.origin).visit('/private', { headers })).status, 302)
})
