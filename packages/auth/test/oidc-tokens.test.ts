import { generateKeyPair, type CryptoKey } from 'jose'
import t, { type Test } from 'tap'
import type { Identity, Refusal } from '../src/identity.ts'
import type { OidcFlow } from '../src/oidc/flow.ts'
import { OidcProvider } from '../src/oidc/provider.ts'
import { beginLogin, CALLBACK } from './begin-login.ts'
import {
  callbackFor,
  json,
  KEY_ID,
  SECRET,
  signWith,
  startScriptedProvider,
  status,
  type ScriptedProvider
} from './start-scripted-provider.ts'

type MakeToken = (provider: ScriptedProvider, flow: OidcFlow) => string | Promise<string>

/** Logs in where a code is redeemed for the token that is made. */
async function logIn(
  provider: ScriptedProvider,
  makeToken: MakeToken
): Promise<Identity | Refusal> {
  const oidc = new OidcProvider(provider.settings)
  const { flow } = await beginLogin(oidc)
  provider.redeemFor(await makeToken(provider, flow))
  return oidc.finish(callbackFor(flow), flow, CALLBACK)
}

/** A token that is as it should be, but for these claims; those that are undefined are not there. */
function claiming(claims: Readonly<Record<string, unknown>>): MakeToken {
  return (provider, flow) => provider.sign({ ...provider.claimsFor(flow), ...claims })
}

function signedWith(key: CryptoKey | Uint8Array, alg: string, kid: string): MakeToken {
  return (provider, flow) => signWith(key, { alg, kid }, provider.claimsFor(flow))
}

/** A token that nobody signed. */
const unsigned: MakeToken = (provider, flow) => {
  const parts = [{ alg: 'none' }, provider.claimsFor(flow)]
  const [header, claims] = parts.map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url')
  )
  return `${header}.${claims}.`
}

t.test('a token that is as it should be is believed', async (t) => {
  const provider = await startScriptedProvider(t)
  t.match(await logIn(provider, claiming({})), { user: 'ada' })
})

t.test('a token is refused that claims what is not so', async (t) => {
  const provider = await startScriptedProvider(t)
  const now = Math.floor(Date.now() / 1000)
  const wrong: readonly (readonly [string, MakeToken])[] = [
    ['another issuer', claiming({ iss: 'https://evil.example' })],
    ['no issuer', claiming({ iss: undefined })],
    ['another client', claiming({ aud: 'other' })],
    ['no client', claiming({ aud: undefined })],
    ['clients besides us', claiming({ aud: ['reliw', 'other'] })],
    ['another login', claiming({ nonce: 'other' })],
    ['no login', claiming({ nonce: undefined })],
    ['that it ended', claiming({ exp: now - 31 })],
    ['no end', claiming({ exp: undefined })],
    ['that it will begin', claiming({ nbf: now + 60 })],
    ['nobody', claiming({ sub: undefined })]
  ]
  for (const [what, makeToken] of wrong) {
    const refusal = await logIn(provider, makeToken)
    t.match(refusal, { refused: 403, reason: /^login is invalid \(OAUTH_/ }, what)
  }
})

t.test('a token is refused that the provider did not sign', async (t) => {
  const provider = await startScriptedProvider(t)
  provider.describe({ id_token_signing_alg_values_supported: ['ES256', 'HS256', 'none'] })
  const { privateKey } = await generateKeyPair('ES256')
  const secret = new TextEncoder().encode(SECRET)
  const forged: readonly (readonly [string, MakeToken, RegExp])[] = [
    [
      'another key',
      signedWith(privateKey, 'ES256', KEY_ID),
      /ERR_JWS_SIGNATURE_VERIFICATION_FAILED/
    ],
    ['an unknown key', signedWith(privateKey, 'ES256', 'unknown'), /ERR_JWKS_NO_MATCHING_KEY/],
    ['our secret', signedWith(secret, 'HS256', KEY_ID), /ERR_JOSE_ALG_NOT_ALLOWED/],
    ['nothing', unsigned, /ERR_JOSE_ALG_NOT_ALLOWED/]
  ]
  for (const [what, makeToken, reason] of forged) {
    t.match(await logIn(provider, makeToken), { refused: 403, reason }, what)
  }
})

t.test('a malformed token is refused', async (t) => {
  const provider = await startScriptedProvider(t)
  for (const token of ['', 'a', 'a.b.c', 'e30.e30.', '....', 'bnVsbA.bnVsbA.bnVsbA']) {
    t.match(await logIn(provider, () => token), { refused: 403, reason: /^login is invalid/ })
  }
})

t.test('a response without a token is refused', async (t) => {
  const provider = await startScriptedProvider(t)
  const oidc = new OidcProvider(provider.settings)
  const { flow } = await beginLogin(oidc)
  const responses = [
    json({ access_token: 'access', token_type: 'bearer' }),
    json([]),
    json({ access_token: 1, token_type: 'bearer', id_token: 1 }),
    status(200),
    status(204),
    status(404),
    status(307, { location: `${provider.issuer}/elsewhere` })
  ]
  for (const answer of responses) {
    provider.responses.set('/token', answer)
    const refusal = await oidc.finish(callbackFor(flow), flow, CALLBACK)
    t.match(refusal, { refused: 403, reason: /^login is invalid/ })
  }
  t.equal(provider.count('/elsewhere'), 0, 'redirects are not followed')
})

t.test('a provider’s error description stays out of the reason', async (t) => {
  const provider = await startScriptedProvider(t)
  const oidc = new OidcProvider(provider.settings)
  const { flow } = await beginLogin(oidc)
  const refusal = { refused: 403, reason: 'provider returned an error' }
  for (const error of ['<script>', 'line\nline', 'x'.repeat(65), 'Größe']) {
    const callback = callbackFor(flow, { error, error_description: 'text' })
    t.same(await oidc.finish(callback, flow, CALLBACK), refusal)
    provider.responses.set('/token', (response) => {
      response.statusCode = 400
      json({ error, error_description: 'text' })(response)
    })
    t.same(await oidc.finish(callbackFor(flow), flow, CALLBACK), refusal)
  }
})

/** How the client said who it is when it redeemed a code. */
async function authenticated(t: Test, methods: readonly string[] | undefined, secret?: string) {
  const provider = await startScriptedProvider(t)
  provider.describe({ token_endpoint_auth_methods_supported: methods })
  const oidc = new OidcProvider({ ...provider.settings, client_secret: secret })
  const { flow } = await beginLogin(oidc)
  await oidc.finish(callbackFor(flow), flow, CALLBACK)
  const call = provider.calls.find(({ path }) => path === '/token')
  return { form: new URLSearchParams(call?.body), authorization: call?.authorization, flow }
}

t.test('the secret is sent as the provider wants it', async (t) => {
  const basic = `Basic ${btoa('reliw:my+secret')}`
  for (const methods of [undefined, ['client_secret_post', 'client_secret_basic']]) {
    const { form, authorization } = await authenticated(t, methods, 'my secret')
    t.equal(authorization, basic)
    t.equal(form.get('client_secret'), null)
  }
  const posted = await authenticated(t, ['client_secret_post'], 'my secret')
  t.equal(posted.authorization, undefined)
  t.equal(posted.form.get('client_secret'), 'my secret')
})

t.test('a public client shows its verifier, and nothing else', async (t) => {
  const { form, authorization, flow } = await authenticated(t, undefined)
  t.equal(authorization, undefined)
  t.same(Object.fromEntries(form), {
    client_id: 'reliw',
    grant_type: 'authorization_code',
    code: 'a-code',
    redirect_uri: CALLBACK,
    code_verifier: flow.verifier
  })
})

t.test('keys are read once for many logins', async (t) => {
  const provider = await startScriptedProvider(t)
  const oidc = new OidcProvider(provider.settings)
  for (const _ of [1, 2, 3]) {
    const { flow } = await beginLogin(oidc)
    provider.redeemFor(await provider.sign(provider.claimsFor(flow)))
    t.match(await oidc.finish(callbackFor(flow), flow, CALLBACK), { user: 'ada' })
  }
  t.equal(provider.count('/keys'), 1)
})

t.test('user info fills up what the token does not say, and changes nothing of it', async (t) => {
  const provider = await startScriptedProvider(t)
  provider.describe({ userinfo_endpoint: `${provider.issuer}/userinfo` })
  const info = { sub: 'ada', name: 'Eve', email: 'ada@example.com', amr: ['mfa'] }
  provider.responses.set('/userinfo', json(info))
  const login = claiming({ groups: undefined, name: 'Ada' })
  t.match(await logIn(provider, login), {
    user: 'ada',
    secondFactor: false,
    claims: { name: 'Ada', email: 'ada@example.com' }
  })
  const call = provider.calls.find(({ path }) => path === '/userinfo')
  t.equal(call?.authorization, 'Bearer access')
  provider.responses.set('/userinfo', json({ ...info, sub: 'eve' }))
  t.match(await logIn(provider, login), { refused: 403 }, 'of somebody else')
})

t.test('user info is not fetched when the token has all claims', async (t) => {
  const provider = await startScriptedProvider(t)
  provider.describe({ userinfo_endpoint: `${provider.issuer}/userinfo` })
  t.match(await logIn(provider, claiming({})), { user: 'ada' })
  t.equal(provider.count('/userinfo'), 0)
})
