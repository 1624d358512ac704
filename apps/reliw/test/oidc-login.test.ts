import { test } from 'tap'
import { PASSWORD } from './protected-site.ts'
import { comeBack, goToProvider, startOidc } from './start-oidc.ts'

test('a browser is redirected from a protected page to the provider, and back', async (t) => {
  const { visitor, provider, line, origin } = await startOidc(t)
  const browser = visitor()
  const refused = await browser.visit('/private/page?x=%C3%A9')
  t.match(refused, { status: 302, location: '/login?next=%2Fprivate%2Fpage%3Fx%3D%25C3%25A9' })
  const page = await browser.visit(refused.location ?? '')
  t.match(page, { status: 200, text: />single sign-on<\/a>/ })
  const left = await goToProvider(browser, page)
  t.equal(left.status, 302)
  t.equal(left.headers.get('cache-control'), 'no-store')
  const asked = new URL(left.location ?? '')
  t.equal(asked.origin, provider.issuer)
  t.equal(asked.searchParams.get('redirect_uri'), `${origin}/login`)
  t.equal(browser.session, undefined, 'no session yet')

  const back = await browser.visit(await comeBack(browser, 'grace@sso'))
  t.match(back, { status: 303, location: '/private/page?x=%C3%A9' })
  t.equal(back.headers.get('cache-control'), 'no-store')
  t.match(await browser.visit(back.location ?? ''), { status: 200, text: 'for staff' })
  t.same([...browser.cookies.keys()].toSorted(), ['rlw_csrf', 'rlw_session_token'])
  const told = { event: 'login', vhost: 'localhost', user: 'grace@sso', way: 'oidc' }
  t.match(await line({ audit: true }), told)

  t.match(await browser.visit('/logout'), { status: 303, location: '/' })
  t.equal(browser.session, undefined)
  t.equal((await browser.visit('/private/page')).status, 302)
})

test('rules apply to users of the provider as to others', async (t) => {
  const { visitor, set } = await startOidc(t)
  const mallory = visitor()
  t.equal((await mallory.visit(await comeBack(mallory, 'mallory'))).status, 303)
  t.equal((await mallory.visit('/private/page')).status, 403)
  const grace = visitor()
  await grace.visit(await comeBack(grace, 'grace@sso'))
  for (const [auth, status] of [
    [['grace@sso'], 200],
    [['mallory'], 403],
    [{ groups: ['staff'], second_factor: true }, 403]
  ] as const) {
    await set('API:localhost:private', { methods: { GET: true }, auth })
    t.equal((await grace.visit('/private/page')).status, status, JSON.stringify(auth))
  }
})

test('an existing session is not taken over', async (t) => {
  const { visitor, logIn } = await startOidc(t)
  const browser = await logIn('bob')
  const { session: before } = browser
  await browser.visit(await comeBack(browser, 'grace@sso'))
  t.ok(browser.session)
  t.not(browser.session, before)
  const thief = visitor()
  thief.cookies.set('rlw_session_token', before ?? '')
  t.equal((await thief.visit('/private/page')).status, 302)
})

test('passwords are accepted beside the provider', async (t) => {
  const { visitor } = await startOidc(t)
  const browser = visitor()
  const refused = await browser.visit('/private/page')
  const response = await browser.logIn('ada', PASSWORD, refused.location)
  t.match(response, { status: 303, location: '/private/page' })
  t.equal((await browser.visit('/private/page')).status, 200)
})
