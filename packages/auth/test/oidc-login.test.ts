import t, { type Test } from 'tap'
import type { Identity, Refusal } from '../src/identity.ts'
import { OidcProvider } from '../src/oidc/provider.ts'
import { beginLogin, CALLBACK, comeBack } from './begin-login.ts'
import {
  logInAtProvider,
  startProvider,
  type ProviderOptions,
  type RunningProvider
} from './start-provider.ts'
import { startRelyingParty } from './start-relying-party.ts'

const accounts = {
  ada: { name: 'Ada', email: 'ada@example.com', email_verified: true, groups: ['staff', 'admins'] },
  bob: { email: 'bob@example.com', email_verified: false },
  eve: { email: 'eve@example.com' }
}

const ADA = {
  user: 'ada',
  groups: ['staff', 'admins'],
  method: 'session',
  secondFactor: false,
  claims: { sub: 'ada', name: 'Ada', email: 'ada@example.com', groups: ['staff', 'admins'] }
}

function start(t: Test, options: Partial<ProviderOptions> = {}): Promise<RunningProvider> {
  return startProvider(t, { redirectUris: [CALLBACK], accounts, ...options })
}

async function logIn(oidc: OidcProvider, account: string): Promise<Identity | Refusal> {
  const { flow, callback } = await comeBack(oidc, account)
  return oidc.finish(callback, flow, CALLBACK)
}

t.test('the identity of a login is the one that the provider states', async (t) => {
  const { settings } = await start(t)
  t.same(await logIn(new OidcProvider(settings), 'ada'), ADA)
})

t.test('a browser gets there and back through a server, once', async (t) => {
  let oidc: OidcProvider
  const { loginUrl, redirectUri } = await startRelyingParty(t, () => oidc)
  const { settings } = await start(t, { redirectUris: [redirectUri] })
  oidc = new OidcProvider(settings)

  const begun = await fetch(loginUrl, { redirect: 'manual' })
  t.equal(begun.status, 303)
  const callback = await logInAtProvider(begun.headers.get('location') ?? '', 'ada')
  t.equal(`${callback.origin}${callback.pathname}`, redirectUri)
  const [cookie = ''] = begun.headers.getSetCookie()
  const headers = { cookie: cookie.replace(/;.*/, '') }

  const stranger = await fetch(callback)
  t.equal(stranger.status, 403, 'a browser that did not begin it')
  const back = await fetch(callback, { headers })
  t.equal(back.status, 200)
  t.same(await back.json(), ADA)
  const again = await fetch(callback, { headers })
  t.equal(again.status, 403)
})

t.test('a login requests a code, with PKCE and unguessable values', async (t) => {
  const { issuer, settings } = await start(t)
  const oidc = new OidcProvider({ ...settings, scopes: ['email'] })
  const { location, flow } = await beginLogin(oidc)
  const { origin, searchParams } = new URL(location)
  t.equal(origin, issuer)
  const { code_challenge: challenge, ...parameters } = Object.fromEntries(searchParams)
  t.same(parameters, {
    client_id: 'reliw',
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid email',
    state: flow.state,
    nonce: flow.nonce,
    code_challenge_method: 'S256'
  })
  const another = await beginLogin(oidc)
  const secrets = [challenge, ...Object.values(flow), ...Object.values(another.flow)]
  t.equal(new Set(secrets).size, 7)
  for (const secret of secrets) t.match(secret, /^[\w-]{43}$/, '256 bits')
  t.same(JSON.parse(JSON.stringify(flow)), flow, 'a flow is plain JSON')
})

t.test('a flow can be finished by another process than the one that began it', async (t) => {
  const { settings } = await start(t)
  const { flow, callback } = await comeBack(new OidcProvider(settings), 'ada')
  t.same(await new OidcProvider(settings).finish(callback, flow, CALLBACK), ADA)
})

t.test(
  'the callback may look different to us than to the browser, but for its query',
  async (t) => {
    const { settings } = await start(t)
    const oidc = new OidcProvider(settings)
    const { flow, callback } = await comeBack(oidc, 'ada')
    const behindProxy = new URL(`http://10.0.0.1:8080/elsewhere${callback.search}`)
    t.same(await oidc.finish(behindProxy, flow, CALLBACK), ADA)
  }
)

t.test('a public client needs no secret', async (t) => {
  const { publicSettings } = await start(t)
  t.notOk(publicSettings.client_secret)
  t.same(await logIn(new OidcProvider(publicSettings), 'ada'), ADA)
})

t.test('a provider may change its keys at any time', async (t) => {
  const { settings, rotateKeys } = await start(t)
  const oidc = new OidcProvider(settings)
  t.same(await logIn(oidc, 'ada'), ADA)
  rotateKeys()
  t.same(await logIn(oidc, 'ada'), ADA)
  rotateKeys()
  t.same(await logIn(oidc, 'ada'), ADA)
})

t.test('claims that the ID token lacks are fetched from the user info endpoint', async (t) => {
  const { settings } = await start(t, { claimsIn: 'userinfo', amr: ['otp'] })
  const oidc = new OidcProvider({ ...settings, user_claim: 'email' })
  const user = 'ada@example.com'
  t.same(await logIn(oidc, 'ada'), { ...ADA, user, secondFactor: true })
})

t.test('a second factor shows in how one logged in', async (t) => {
  const { settings } = await start(t, { amr: ['pwd', 'otp', 'mfa'] })
  t.same(await logIn(new OidcProvider(settings), 'ada'), { ...ADA, secondFactor: true })
})

t.test('an address is a user name only when the provider verified it', async (t) => {
  const { settings } = await start(t)
  const oidc = new OidcProvider({ ...settings, user_claim: 'email' })
  t.match(await logIn(oidc, 'ada'), { user: 'ada@example.com' })
  const refusal = { refused: 403, reason: 'the e-mail address is not verified' }
  t.same(await logIn(oidc, 'bob'), refusal, 'email_verified is false')
  t.same(await logIn(oidc, 'eve'), refusal, 'nothing is said of it')
})

t.test('a login without groups has none', async (t) => {
  const { settings } = await start(t)
  t.match(await logIn(new OidcProvider(settings), 'bob'), { user: 'bob', groups: [] })
})
