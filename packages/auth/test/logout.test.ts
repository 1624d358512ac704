import type { Store } from '@reliw/model'
import t, { type Test } from 'tap'
import { Browser } from './browser.ts'
import { KINDS, keysOf, openStoreOf, putUsers } from './open-stores.ts'
import { startApp } from './start-app.ts'
import { userOf } from './stored-users.ts'

async function start(
  t: Test,
  kind: (typeof KINDS)[number]
): Promise<{ store: Store; browser: Browser }> {
  const { store } = await openStoreOf(t, kind)
  await putUsers(store, { ada: await userOf('pw') })
  const { origin } = await startApp(t, { store })
  const browser = new Browser(origin)
  await browser.logIn('ada', 'pw')
  return { store, browser }
}

for (const kind of KINDS) {
  t.test(`a logout ends the session itself, not only its cookie (${kind})`, async (t) => {
    const { store, browser } = await start(t, kind)
    const thief = new Browser(browser.origin)
    thief.cookies.set('rlw_session_token', browser.session ?? '')
    t.equal((await thief.visit('/private')).status, 200)
    t.equal((await keysOf(store, 'SESSIONS')).length, 1)

    const response = await browser.visit('/logout')
    t.equal(response.status, 303)
    t.equal(response.location, '/')
    t.equal(response.headers.get('cache-control'), 'no-store')
    t.equal(browser.session, undefined)
    t.same(await keysOf(store, 'SESSIONS'), [])
    t.equal((await thief.visit('/private')).status, 302)
  })
}

t.test('a logout ends one session of a user, and no other', async (t) => {
  const { browser } = await start(t, 'embedded')
  const other = new Browser(browser.origin)
  await other.logIn('ada', 'pw')
  t.equal((await browser.visit('/logout', { method: 'POST' })).status, 303)
  t.equal((await browser.visit('/private')).status, 302)
  t.equal((await other.visit('/private')).status, 200)
})

t.test('a logout that another site leads to has to be confirmed', async (t) => {
  const { browser } = await start(t, 'embedded')
  for (const method of ['GET', 'HEAD']) {
    const headers = { 'sec-fetch-site': 'cross-site' }
    const confirmation = await browser.visit('/logout', { method, headers })
    t.equal(confirmation.status, 200)
    t.equal(confirmation.headers.get('x-frame-options'), 'DENY')
    t.same(confirmation.setCookies, [])
    t.equal((await browser.visit('/private')).status, 200, 'still in')
  }
  const confirmation = await browser.visit('/logout?next=//evil.example', {
    headers: { 'sec-fetch-site': 'cross-site' }
  })
  t.match(confirmation.text, /<form method="post" action="\/logout">/)
  const response = await browser.submit(confirmation, {})
  t.equal(response.status, 303)
  t.equal(response.location, '/')
  t.equal((await browser.visit('/private')).status, 302)
})

t.test(
  'a logout from the site itself, or without a referring site, needs no confirmation',
  async (t) => {
    const { browser } = await start(t, 'embedded')
    for (const site of ['same-origin', 'none']) {
      await browser.logIn('ada', 'pw')
      const response = await browser.visit('/logout', { headers: { 'sec-fetch-site': site } })
      t.equal(response.status, 303, site)
      t.equal(browser.session, undefined)
    }
  }
)

t.test('a logout without a session, or with an ended one, succeeds', async (t) => {
  const { browser } = await start(t, 'embedded')
  const stranger = new Browser(browser.origin)
  for (const value of [undefined, 'x', 'a'.repeat(43)]) {
    if (value !== undefined) stranger.cookies.set('rlw_session_token', value)
    const response = await stranger.visit('/logout')
    t.equal(response.status, 303)
    t.equal(response.location, '/')
    t.equal(stranger.session, undefined)
  }
  t.equal((await browser.visit('/private')).status, 200)
})

t.test('the confirmation of a logout is sent to this host, whatever the path', async (t) => {
  const { app } = await startApp(t, {}, { '/*': { logout: true } })
  for (const url of ['//evil.example/logout', '///logout', '/\\\\evil.example', '/logout?x=//y']) {
    const headers = { host: '127.0.0.1', 'sec-fetch-site': 'cross-site' }
    const { statusCode, body } = await app.inject({ url, headers })
    t.equal(statusCode, 200, url)
    const action = /<form method="post" action="([^"]*)"/.exec(body)?.[1] ?? ''
    t.match(action, /^\/(?![/\\])/, url)
    t.equal(new URL(action, 'https://a.example/').host, 'a.example')
  }
})
