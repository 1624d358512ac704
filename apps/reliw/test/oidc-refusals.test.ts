import { test } from 'tap'
import { PASSWORD } from './protected-site.ts'
import { comeBack, goToProvider, type OidcServer, startOidc } from './start-oidc.ts'

/** What the log says of logins that failed. */
function reasons({ log }: OidcServer): unknown[] {
  return log.flatMap(({ audit, reason }) => (audit === true ? [reason] : []))
}

test('a user who cancels at the provider gets the form again, and can retry', async (t) => {
  const server = await startOidc(t)
  const browser = server.visitor()
  const response = await browser.visit(await comeBack(browser, 'grace@sso', { cancel: true }))
  t.match(response, { status: 403, text: /role="alert">This sign-in was not accepted/ })
  t.match(response.text, 'name="next" value="/private/page?x=%C3%A9"')
  t.equal(browser.session, undefined)
  t.strictSame(reasons(server), ['provider returned access_denied'])
  t.equal((await browser.visit(await comeBack(browser, 'grace@sso'))).status, 303)
})

test('an unexpected callback begins no session', async (t) => {
  const server = await startOidc(t)
  const { visitor } = server
  const forged = await visitor().visit('/login?state=forged&code=forged')
  t.match(forged, { status: 403, text: /not accepted/ })
  const callback = await comeBack(visitor(), 'grace@sso')
  const stranger = visitor()
  t.equal((await stranger.visit(callback)).status, 403, 'another browser than began it')
  const other = visitor()
  await comeBack(other, 'mallory')
  t.equal((await other.visit(callback)).status, 403, 'one that began another login')
  for (const { session } of [stranger, other]) t.equal(session, undefined)
  t.strictSame(reasons(server), [
    'no login in progress',
    'no login in progress',
    'state does not match'
  ])
})

test('a callback counts once', async (t) => {
  const { visitor } = await startOidc(t)
  const browser = visitor()
  const callback = await comeBack(browser, 'grace@sso')
  const pending = browser.cookies.get('rlw_login') ?? ''
  t.equal((await browser.visit(callback)).status, 303)
  const replay = visitor()
  replay.cookies.set('rlw_login', pending)
  t.equal((await replay.visit(callback)).status, 403)
  t.equal(replay.session, undefined)
  t.equal((await browser.visit('/private/page')).status, 200, 'the first one goes on')
})

test('a modified callback ends the login', async (t) => {
  const server = await startOidc(t)
  for (const change of [
    (callback: string) => callback.replace(/code=[^&]*/, 'code=other'),
    (callback: string) => callback.replace(/state=[^&]*/, 'state=other'),
    (callback: string) => callback.replace(/iss=[^&]*/, 'iss=https%3A%2F%2Fevil.example'),
    (callback: string) => `${callback}&state=other`
  ]) {
    const browser = server.visitor()
    const callback = await comeBack(browser, 'grace@sso')
    const changed = change(callback)
    t.not(changed, callback)
    t.equal((await browser.visit(changed)).status, 403, changed.replaceAll(/=[^&]*/g, ''))
    t.equal((await browser.visit(callback)).status, 403, 'it was good for one attempt')
    t.equal(browser.session, undefined)
  }
  t.equal(reasons(server).length, 8)
})

test('while the provider is unreachable, passwords are accepted and its logins get 503', async (t) => {
  const { visitor, provider, line } = await startOidc(t)
  const [waiting, browser] = [visitor(), visitor()]
  const callback = await comeBack(waiting, 'grace@sso')
  await provider.stop()
  const away = await waiting.visit(callback)
  t.equal(away.status, 503)
  t.match(away.headers.get('retry-after'), /^\d+$/)
  t.notMatch(away.text, /127\.0\.0\.1|ECONN|localhost/)
  t.match(await line({ audit: true }), { reason: /cannot be reached/ })
  const page = await browser.visit('/login?next=/private/page')
  t.equal(page.status, 200)
  t.match(await browser.submit(page, { login: 'ada', password: PASSWORD }), { status: 303 })
  t.equal((await browser.visit('/private/page')).status, 200)
  await provider.start()
  t.equal((await waiting.visit(await comeBack(waiting, 'grace@sso'))).status, 303)
})

test('a provider that was unreachable at first is retried later', async (t) => {
  const { visitor, provider, set } = await startOidc(t)
  await provider.stop()
  const browser = visitor()
  const page = await browser.visit('/login')
  for (let n = 0; n < 3; n++) t.equal((await goToProvider(browser, page)).status, 503)
  t.same([...browser.cookies.keys()], ['rlw_csrf'], 'no login has begun')
  await provider.start()
  await set('SITE:localhost', { auth: { oidc: { ...provider.settings, label: 'once more' } } })
  t.equal((await goToProvider(browser, page)).status, 302, 'new settings, at once')
})

test('nothing secret of a login is logged', async (t) => {
  const server = await startOidc(t)
  const browser = server.visitor()
  const callback = await comeBack(browser, 'grace@sso')
  const pending = browser.cookies.get('rlw_login')
  await browser.visit(callback)
  const written = JSON.stringify(server.log)
  const { client_secret: ours } = server.provider.settings
  for (const secret of [browser.session, browser.cookies.get('rlw_csrf'), pending, ours]) {
    t.type(secret, 'string')
    t.notOk(written.includes(secret ?? ''))
  }
})
