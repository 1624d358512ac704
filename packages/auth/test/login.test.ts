import type { KnownFacts } from '@reliw/http'
import t, { type Test } from 'tap'
import type { AuthOptions } from '../src/index.ts'
import { Browser, fieldOf } from './browser.ts'
import { startApp, type RunningApp } from './start-app.ts'
import { userOf } from './stored-users.ts'

async function start(
  t: Test,
  options: AuthOptions = {},
  known: KnownFacts = {}
): Promise<RunningApp> {
  const users = { ada: await userOf('correct horse'), 'jörg & <co>': await userOf('"ö€😀"') }
  return startApp(t, { users, ...options }, {}, () => known)
}

t.test('the login page shows a form that is not cached, framed or guessable', async (t) => {
  const { origin } = await start(t)
  const page = await new Browser(origin).visit('/login')
  t.equal(page.status, 200)
  t.match(Object.fromEntries(page.headers), {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'content-security-policy': /frame-ancestors 'none'/,
    'referrer-policy': 'same-origin'
  })
  t.match(page.text, /<form method="post" action="\/login">/)
  t.match(page.text, /<input [^>]*name="login"/)
  t.match(page.text, /<input [^>]*name="password" type="password"/)
  t.equal(fieldOf(page, 'next'), '/')
  t.notMatch(page.text, /role="alert"/)
})

t.test('HEAD of the login page has the head of its GET, and no body', async (t) => {
  const { origin } = await start(t)
  const browser = new Browser(origin)
  const shown = await browser.visit('/login')
  const head = await browser.visit('/login', { method: 'HEAD' })
  t.equal(head.status, 200)
  t.equal(head.text, '')
  for (const name of ['content-type', 'content-length', 'cache-control'])
    t.equal(head.headers.get(name), shown.headers.get(name), name)
})

t.test('a right password leads, once, to where the client wanted to go', async (t) => {
  const { origin } = await start(t)
  const browser = new Browser(origin)
  const refused = await browser.visit('/private?a=1&b=%C3%A9')
  t.equal(refused.status, 302)
  t.equal(refused.headers.get('cache-control'), 'no-store')
  const page = await browser.visit(refused.location ?? '')
  t.equal(fieldOf(page, 'next'), '/private?a=1&b=%C3%A9')
  const login = await browser.submit(page, { login: 'ada', password: 'correct horse' })
  t.equal(login.status, 303)
  t.equal(login.location, '/private?a=1&b=%C3%A9')
  t.equal(login.headers.get('cache-control'), 'no-store')
  t.equal(login.text, '')
  t.equal((await browser.visit(login.location ?? '')).status, 200)
  t.equal((await browser.logIn('ada', 'correct horse')).location, '/', 'nowhere in particular')
})

t.test('a POST to a protected page leads to the front page after the login', async (t) => {
  const { origin } = await start(t)
  for (const method of ['POST', 'PUT']) {
    const refused = await new Browser(origin).visit('/private', { method })
    t.equal(refused.status, 302)
    t.equal(refused.location, '/login', method)
  }
  const refused = await new Browser(origin).visit('/private', { method: 'HEAD' })
  t.equal(refused.location, '/login?next=%2Fprivate')
})

t.test('a wrong password shows the form again, with the name, and no session begins', async (t) => {
  const { origin } = await start(t)
  for (const [name, password] of [
    ['ada', 'incorrect'],
    ['ada', 'correct horse '],
    ['Ada', 'correct horse'],
    ['ada ', 'correct horse'],
    ['nobody', 'correct horse'],
    ['', 'correct horse'],
    ['ada', ''],
    ['ada\0', 'correct horse'],
    ['a'.repeat(257), 'x'],
    ['ada', 'x'.repeat(5000)]
  ] as const) {
    const browser = new Browser(origin)
    const response = await browser.logIn(name, password, '/login?next=/private')
    t.equal(response.status, 401, JSON.stringify([name.slice(0, 20), password.slice(0, 20)]))
    t.match(response.text, /role="alert">The user name or the password is wrong/)
    t.equal(fieldOf(response, 'next'), '/private')
    t.notOk(password.length > 1 && response.text.includes(password), 'the password is not shown')
    t.same(response.setCookies, [])
    t.equal((await browser.visit('/private')).status, 302)
  }
})

t.test('names and passwords may be of any characters', async (t) => {
  const { origin } = await start(t)
  const browser = new Browser(origin)
  const again = await browser.logIn('jörg & <co>', 'wrong')
  t.equal(again.status, 401)
  t.notMatch(again.text, /<co>/)
  t.equal((await browser.logIn('jörg & <co>', '"ö€😀"')).status, 303)
  t.match(JSON.parse((await browser.visit('/private')).text), { user: 'jörg & <co>' })
})

t.test('a page of the app’s own is put around the form', async (t) => {
  const { origin } = await start(t, {
    page: async ({ host }, { title, content }) => `<b>${title} to ${host}</b>${content}`
  })
  const browser = new Browser(origin)
  t.match((await browser.visit('/login')).text, /^<b>Sign in to 127\.0\.0\.1<\/b>/)
  t.equal((await browser.logIn('ada', 'correct horse')).status, 303)
})

t.test('a browser that would reject the cookie is warned before the login', async (t) => {
  const vain = /signing in works over https only/
  for (const [host, options, isWarned, known = {}] of [
    ['a.example', {}, true],
    ['a.example', {}, false, { isSecure: true }],
    ['a.example', { sessions: { allow_http: true } }, false],
    ['192.0.2.1', {}, true],
    ['127.0.0.9', {}, false],
    ['[::1]', {}, false],
    ['app.localhost', {}, false]
  ] as const) {
    const { app } = await start(t, options, known)
    const { body } = await app.inject({ url: '/login', headers: { host } })
    t.equal(vain.test(body), isWarned, host)
  }
})
