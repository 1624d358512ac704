import t, { type Test } from 'tap'
import { newToken } from '../src/token.ts'
import { Browser, fieldOf } from './browser.ts'
import { type RunningApp, startApp } from './start-app.ts'
import { userOf } from './stored-users.ts'

const RIGHT = { login: 'ada', password: 'pw' }
const CSRF = 'rlw_csrf'

async function start(t: Test): Promise<RunningApp> {
  return startApp(t, { users: { ada: await userOf('pw') } })
}

t.test('a form that a browser sends without its token logs nobody in', async (t) => {
  const { origin } = await start(t)
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin },
    { referer: 'https://evil.example/' },
    { referer: '' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' }
  ]) {
    const browser = new Browser(origin)
    const response = await browser.visit('/login', { form: RIGHT, headers })
    t.equal(response.status, 403, JSON.stringify(headers))
    t.match(response.text, /role="alert">This form has expired/)
    t.equal(browser.session, undefined)
  }
})

t.test('the page that says so has a form that works', async (t) => {
  const { origin } = await start(t)
  const browser = new Browser(origin)
  const form = { ...RIGHT, next: '/private' }
  const refused = await browser.visit('/login', { form, headers: { origin } })
  t.equal(refused.status, 403)
  const response = await browser.submit(refused, RIGHT)
  t.equal(response.status, 303)
  t.equal(response.location, '/private')
})

t.test('an invalid token is refused, as is the token of another client', async (t) => {
  const { origin } = await start(t)
  const attacker = new Browser(origin)
  const theirs = fieldOf(await attacker.visit('/login'), 'csrf')
  const browser = new Browser(origin)
  const own = fieldOf(await browser.visit('/login'), 'csrf')
  t.equal(own, browser.cookies.get(CSRF))
  t.not(own, theirs)
  for (const csrf of [theirs, '', newToken(), own.slice(1), `${own}A`, own.toUpperCase()]) {
    for (const headers of [{ origin }, {}]) {
      const response = await browser.visit('/login', { form: { ...RIGHT, csrf }, headers })
      t.equal(response.status, 403, csrf)
      t.equal(browser.session, undefined)
    }
  }
  const form = { ...RIGHT, csrf: own }
  t.equal((await browser.visit('/login', { form, headers: { origin } })).status, 303)
})

t.test('a token that a client made up is refused, although its cookie matches', async (t) => {
  const { origin } = await start(t)
  for (const csrf of ['', 'x', 'a'.repeat(42), 'a'.repeat(44), `${'a'.repeat(42)}.`]) {
    const browser = new Browser(origin)
    browser.cookies.set(CSRF, csrf)
    const response = await browser.visit('/login', {
      form: { ...RIGHT, csrf },
      headers: { origin }
    })
    t.equal(response.status, 403, csrf)
    t.match(browser.cookies.get(CSRF), /^[\w-]{43}$/, 'it gets another')
  }
})

t.test('a token lasts: a page that was open for long, or twice, works', async (t) => {
  const { origin } = await start(t)
  const browser = new Browser(origin)
  const first = await browser.visit('/login')
  const second = await browser.visit('/login')
  t.equal(fieldOf(first, 'csrf'), fieldOf(second, 'csrf'))
  t.same(second.setCookies, [])
  t.equal((await browser.submit(second, RIGHT)).status, 303)
  t.equal((await browser.submit(first, RIGHT)).status, 303)
})

t.test('programs need no token: no other site can have made one send the form', async (t) => {
  const { origin } = await start(t)
  const program = new Browser(origin)
  const response = await program.visit('/login', { form: RIGHT })
  t.equal(response.status, 303)
  t.equal((await program.visit('/private')).status, 200)
})

t.test('the second step is a form like the first', async (t) => {
  const { origin } = await start(t)
  const browser = new Browser(origin)
  for (const [headers, status] of [
    [{ origin }, 403],
    [{}, 401]
  ] as const) {
    const response = await browser.visit('/login', { form: { code: '123456' }, headers })
    t.equal(response.status, status)
    browser.cookies.clear()
  }
})
