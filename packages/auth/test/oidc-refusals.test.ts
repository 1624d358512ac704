import t, { type Test } from 'tap'
import { OidcProvider } from '../src/oidc/provider.ts'
import { beginLogin, CALLBACK, comeBack } from './begin-login.ts'
import { startProvider } from './start-provider.ts'

async function start(t: Test): Promise<OidcProvider> {
  const { settings } = await startProvider(t, { redirectUris: [CALLBACK], accounts: { ada: {} } })
  return new OidcProvider(settings)
}

/** A copy of a URL with other parameters, or without those that are undefined. */
function change(url: URL, parameters: Record<string, string | undefined>): URL {
  const copy = new URL(url)
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) copy.searchParams.delete(name)
    else copy.searchParams.set(name, value)
  }
  return copy
}

t.test('a callback that was used is refused by the provider', async (t) => {
  const oidc = await start(t)
  const { flow, callback } = await comeBack(oidc, 'ada')
  t.match(await oidc.finish(callback, flow, CALLBACK), { user: 'ada' })
  const refusal = { refused: 403, reason: 'provider returned invalid_grant' }
  t.same(await oidc.finish(callback, flow, CALLBACK), refusal)
})

t.test('a callback counts only with the state of its flow', async (t) => {
  const oidc = await start(t)
  const { flow, callback } = await comeBack(oidc, 'ada')
  const other = await beginLogin(oidc)
  const refusal = { refused: 403, reason: 'state does not match' }
  const states = [undefined, '', 'x', other.flow.state, `${flow.state}x`, flow.state.toLowerCase()]
  for (const state of states) {
    t.same(await oidc.finish(change(callback, { state }), flow, CALLBACK), refusal, `${state}`)
  }
  t.same(await oidc.finish(callback, other.flow, CALLBACK), refusal, 'another flow')
  t.match(await oidc.finish(callback, flow, CALLBACK), { user: 'ada' }, 'no code was used up')
})

t.test('parameters that come twice are refused', async (t) => {
  const oidc = await start(t)
  const { flow, callback } = await comeBack(oidc, 'ada')
  for (const name of ['state', 'code', 'iss']) {
    const twice = new URL(callback)
    twice.searchParams.append(name, callback.searchParams.get(name) ?? '')
    const reason = 'login is invalid (OAUTH_INVALID_RESPONSE)'
    t.same(await oidc.finish(twice, flow, CALLBACK), { refused: 403, reason }, name)
  }
})

t.test('a code that the provider did not make is refused', async (t) => {
  const oidc = await start(t)
  const { flow, callback } = await comeBack(oidc, 'ada')
  const code = callback.searchParams.get('code') ?? ''
  const last = code.endsWith('A') ? 'B' : 'A'
  const invalid = { refused: 403, reason: 'provider returned invalid_grant' }
  const tampered = change(callback, { code: `${code.slice(0, -1)}${last}` })
  t.same(await oidc.finish(tampered, flow, CALLBACK), invalid)
  for (const nothing of ['', undefined]) {
    const refusal = await oidc.finish(change(callback, { code: nothing }), flow, CALLBACK)
    t.match(refusal, { refused: 403, reason: /^login is invalid/ })
  }
})

t.test('the code of another login is refused, whose it may be', async (t) => {
  const oidc = await start(t)
  const own = await comeBack(oidc, 'ada')
  const other = await comeBack(oidc, 'ada')
  const code = other.callback.searchParams.get('code') ?? ''
  const injected = change(own.callback, { code })
  const refusal = { refused: 403, reason: 'provider returned invalid_grant' }
  t.same(await oidc.finish(injected, own.flow, CALLBACK), refusal)
})

t.test('a token with another nonce is refused', async (t) => {
  const oidc = await start(t)
  const { flow, callback } = await comeBack(oidc, 'ada')
  const other = await beginLogin(oidc)
  const mixed = { ...flow, nonce: other.flow.nonce }
  const reason = 'login is invalid (OAUTH_JWT_CLAIM_COMPARISON_FAILED)'
  t.same(await oidc.finish(callback, mixed, CALLBACK), { refused: 403, reason })
})

t.test('another PKCE verifier is refused', async (t) => {
  const oidc = await start(t)
  const { flow, callback } = await comeBack(oidc, 'ada')
  const other = await beginLogin(oidc)
  const mixed = { ...flow, verifier: other.flow.verifier }
  const refusal = { refused: 403, reason: 'provider returned invalid_grant' }
  t.same(await oidc.finish(callback, mixed, CALLBACK), refusal)
})

t.test('another redirect URI is refused', async (t) => {
  const oidc = await start(t)
  const { flow, callback } = await comeBack(oidc, 'ada')
  const refusal = { refused: 403, reason: 'provider returned invalid_grant' }
  t.same(await oidc.finish(callback, flow, `${CALLBACK}/else`), refusal)
})

t.test('a login that the user cancels is refused', async (t) => {
  const oidc = await start(t)
  const { flow, callback } = await comeBack(oidc, 'ada', { cancel: true })
  t.equal(callback.searchParams.get('error'), 'access_denied')
  const refusal = { refused: 403, reason: 'provider returned access_denied' }
  t.same(await oidc.finish(callback, flow, CALLBACK), refusal)
})

t.test('a callback of another provider is refused: it names its issuer', async (t) => {
  const oidc = await start(t)
  const { flow, callback } = await comeBack(oidc, 'ada')
  const reason = 'login is invalid (OAUTH_INVALID_RESPONSE)'
  for (const iss of ['https://evil.example', '', undefined]) {
    const mixed = change(callback, { iss })
    t.same(await oidc.finish(mixed, flow, CALLBACK), { refused: 403, reason }, `${iss}`)
  }
  t.match(await oidc.finish(callback, flow, CALLBACK), { user: 'ada' }, 'no code was used up')
})

t.test('a wrong client secret is distinguished from wrong codes', async (t) => {
  const running = await startProvider(t, { redirectUris: [CALLBACK], accounts: { ada: {} } })
  const oidc = new OidcProvider({ ...running.settings, client_secret: 'wrong' })
  const { flow, callback } = await comeBack(oidc, 'ada')
  const refusal = { refused: 403, reason: 'provider returned invalid_client' }
  t.same(await oidc.finish(callback, flow, CALLBACK), refusal)
})

t.test('a damaged flow is refused', async (t) => {
  const oidc = await start(t)
  const { flow, callback } = await comeBack(oidc, 'ada')
  const broken = [{}, { state: flow.state }, { ...flow, nonce: 1 }, { ...flow, state: null }]
  for (const each of broken) {
    t.match(await oidc.finish(callback, each as typeof flow, CALLBACK), { refused: 403 })
  }
})
