import Fastify from 'fastify'
import t from 'tap'
import { auth, type AuthOptions } from '../src/index.ts'
import { Browser } from './browser.ts'
import { type Rule, startApp } from './start-app.ts'
import { hmacUserOf, userOf } from './stored-users.ts'

const ADA = { user: 'ada', groups: ['staff'], method: 'session', secondFactor: false }

t.test(
  'an app without a store has logins, logouts and pages that only its users see',
  async (t) => {
    const users = { ada: await userOf('correct', { groups: ['staff'] }) }
    const { origin } = await startApp(t, { users, sessions: { allow_http: true } })
    const browser = new Browser(origin)

    const refused = await browser.visit('/private')
    t.equal(refused.status, 302)
    t.equal(refused.location, '/login?next=%2Fprivate')
    const login = await browser.logIn('ada', 'correct', refused.location)
    t.equal(login.status, 303)
    t.equal(login.location, '/private')
    const shown = await browser.visit('/private')
    t.equal(shown.status, 200)
    t.same(JSON.parse(shown.text), ADA, 'request.identity')
    const logout = await browser.visit('/logout')
    t.equal(logout.status, 303)
    t.equal(logout.location, '/')
    t.equal((await browser.visit('/private')).status, 302)
  }
)

t.test('a request to a route without a rule has no identity', async (t) => {
  const users = { ada: await userOf('correct') }
  const { origin } = await startApp(t, { users })
  const browser = new Browser(origin)
  t.equal((await browser.logIn('ada', 'correct')).status, 303)
  const shown = await browser.visit('/public')
  t.equal(shown.status, 200)
  t.equal(shown.text, 'null')
})

t.test('users may be found by a function, now or later', async (t) => {
  const ada = await userOf('correct')
  const find = (host: string, name: string) =>
    name === 'ada' && host === '127.0.0.1' ? ada : undefined
  for (const users of [find, async (host: string, name: string) => find(host, name)]) {
    const { origin } = await startApp(t, { users })
    const browser = new Browser(origin)
    t.equal((await browser.logIn('bob', 'correct')).status, 401)
    t.equal((await browser.logIn('ada', 'correct')).status, 303)
    t.equal((await browser.visit('/private')).status, 200)
  }
})

t.test('a function that returns an invalid user is a fault, and the login fails', async (t) => {
  const { origin } = await startApp(t, { users: () => ({ pass: '' }) })
  const response = await new Browser(origin).logIn('ada', 'correct')
  t.equal(response.status, 500)
  t.same(response.setCookies, [])
})

t.test('a user with an older kind of password gets in, without a store too', async (t) => {
  const { origin } = await startApp(t, { users: { ada: hmacUserOf('correct') } })
  const browser = new Browser(origin)
  t.equal((await browser.logIn('ada', 'wrong')).status, 401)
  t.equal((await browser.logIn('ada', 'correct')).status, 303)
  t.equal((await browser.visit('/private')).status, 200)
})

t.test('names that every object has are no users', async (t) => {
  const { origin } = await startApp(t, { users: {} })
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    t.equal((await new Browser(origin).logIn(name, 'x')).status, 401, name)
  }
})

t.test('the login page may be anywhere, and the cookie have any name', async (t) => {
  const users = { ada: await userOf('correct') }
  const options: AuthOptions = { users, login_path: '/in', sessions: { cookie: 'sid' } }
  const { origin } = await startApp(t, options, { '/in': { login: true } })
  const browser = new Browser(origin)
  t.equal((await browser.visit('/private')).location, '/in?next=%2Fprivate')
  const login = await browser.logIn('ada', 'correct', '/in')
  t.match(login.setCookies, [/^sid=[\w-]{43};/])
  t.equal((await browser.visit('/private')).status, 200)
})

t.test('invalid options are reported when the plugin is registered', async (t) => {
  const wrong: [unknown, RegExp][] = [
    [{ user: {} }, /user/],
    [{ users: { ada: {} } }, /users/],
    [{ users: { ada: { pass: 'deadbeef' } } }, /users/],
    [{ store: {} }, /store/],
    [{ login_path: '//evil.example' }, /login_path/],
    [{ sessions: { cookie: 'a b' } }, /cookie/],
    [{ sessions: { ttl: 'soon' } }, /ttl/]
  ]
  for (const [options, named] of wrong) {
    const app = Fastify()
    t.teardown(() => app.close())
    await t.rejects(async () => app.register(auth, options as AuthOptions), { message: named })
  }
})

t.test('an invalid rule is reported when its route is added', async (t) => {
  const wrong = [
    { any: [] },
    { any: ['nothing'] },
    { user: ['ada'] },
    { login: false },
    'ada',
    true
  ]
  for (const rule of wrong) {
    const started = startApp(t, {}, { '/wrong': rule as unknown as Rule })
    await t.rejects(started, { message: /config\.auth of \/wrong/ }, JSON.stringify(rule))
  }
})
