import t, { type Test } from 'tap'
import { OidcProvider } from '../src/oidc/provider.ts'
import { beginLogin, CALLBACK, comeBack } from './begin-login.ts'
import { startProvider, type RunningProvider } from './start-provider.ts'
import {
  callbackFor,
  DISCOVERY,
  json,
  startScriptedProvider,
  status,
  type ProviderResponse
} from './start-scripted-provider.ts'

/** Accepts, and never responses. */
const silence: ProviderResponse = () => undefined
/** Answers with headers, and with a body that never ends. */
const halfResponse: ProviderResponse = (response) => {
  response.setHeader('content-type', 'application/json')
  response.write('{')
}
const tooSlow = { refused: 503, reason: 'provider did not respond in time' }

function start(t: Test): Promise<RunningProvider> {
  return startProvider(t, { redirectUris: [CALLBACK], accounts: { ada: {} } })
}

t.test('a login succeeds once a provider that was down is up again', async (t) => {
  const provider = await start(t)
  let time = 0
  const oidc = new OidcProvider(provider.settings, { now: () => time })
  await provider.stop()
  const reason = 'discovery failed: provider cannot be reached (ECONNREFUSED)'
  t.same(await oidc.begin(CALLBACK), { refused: 503, reason })
  await provider.start()
  t.same(await oidc.begin(CALLBACK), { refused: 503, reason }, 'not yet')
  time += 5000
  const { flow, callback } = await comeBack(oidc, 'ada')
  t.match(await oidc.finish(callback, flow, CALLBACK), { user: 'ada' })
})

t.test('a provider that goes down before a login ends uses no code up', async (t) => {
  const provider = await start(t)
  const oidc = new OidcProvider(provider.settings)
  const { flow, callback } = await comeBack(oidc, 'ada')
  await provider.stop()
  const reason = 'provider cannot be reached (ECONNREFUSED)'
  t.match(await oidc.finish(callback, flow, CALLBACK), { refused: 503, reason })
  const other = new OidcProvider(provider.settings)
  t.match(await other.finish(callback, flow, CALLBACK), { refused: 503, reason: /^discovery/ })
  await provider.start()
  t.match(await oidc.finish(callback, flow, CALLBACK), { user: 'ada' })
})

t.test('a provider that never responds times out', async (t) => {
  for (const answer of [silence, halfResponse]) {
    const provider = await startScriptedProvider(t)
    provider.responses.set(DISCOVERY, answer)
    const oidc = new OidcProvider(provider.settings, { timeoutMs: 50 })
    const reason = 'discovery failed: provider did not respond in time'
    t.same(await oidc.begin(CALLBACK), { refused: 503, reason })
  }
})

t.test('a provider that stops responding before a login ends times out', async (t) => {
  /** What it responses at one path, when all before went well. */
  const finishWith = async (path: string, answer: ProviderResponse): Promise<unknown> => {
    const provider = await startScriptedProvider(t)
    provider.describe({ userinfo_endpoint: `${provider.issuer}/userinfo` })
    const settings = { ...provider.settings, user_claim: 'email' }
    const oidc = new OidcProvider(settings, { timeoutMs: 2000 })
    const { flow } = await beginLogin(oidc)
    provider.redeemFor(await provider.sign(provider.claimsFor(flow)))
    provider.responses.set(path, answer)
    const refusal = await oidc.finish(callbackFor(flow), flow, CALLBACK)
    t.equal(provider.count(path), 1)
    return refusal
  }
  const paths = ['/token', '/keys', '/userinfo']
  const refusals = paths.flatMap((path) => [
    finishWith(path, silence),
    finishWith(path, halfResponse)
  ])
  for (const refusal of await Promise.all(refusals)) t.same(refusal, tooSlow)
})

t.test('a login is refused with 503 while the provider’s keys are unavailable', async (t) => {
  const provider = await startScriptedProvider(t)
  const oidc = new OidcProvider(provider.settings)
  const { flow } = await beginLogin(oidc)
  provider.redeemFor(await provider.sign(provider.claimsFor(flow)))
  provider.responses.set('/keys', status(500))
  const reason = 'provider responded with 500'
  t.same(await oidc.finish(callbackFor(flow), flow, CALLBACK), { refused: 503, reason })
})

t.test('a provider that responds with 429 or 5xx is unavailable', async (t) => {
  const provider = await startScriptedProvider(t)
  const oidc = new OidcProvider(provider.settings)
  const { flow } = await beginLogin(oidc)
  for (const code of [429, 500, 502, 503, 504]) {
    provider.responses.set('/token', status(code))
    const reason = `provider responded with ${code}`
    t.same(await oidc.finish(callbackFor(flow), flow, CALLBACK), { refused: 503, reason })
  }
})

t.test('no request is sent for a callback with a wrong state', async (t) => {
  const provider = await startScriptedProvider(t)
  const oidc = new OidcProvider(provider.settings)
  const flow = { state: 'one', nonce: 'two', verifier: 'three' }
  const callback = callbackFor({ ...flow, state: 'two' })
  t.match(await oidc.finish(callback, flow, CALLBACK), { refused: 403 })
  t.equal(provider.calls.length, 0)
})

t.test('a description that does not fit lets nobody log in', async (t) => {
  const provider = await startScriptedProvider(t)
  const { issuer, settings } = provider
  const wrong: readonly (readonly [string, ProviderResponse])[] = [
    ['another issuer', json({ issuer: 'https://evil.example' })],
    ['no endpoints', json({ issuer })],
    ['no keys', json({ issuer, authorization_endpoint: `${issuer}/auth` })],
    ['no object', json([])],
    ['no JSON', (response) => void response.end('<html>')],
    ['nothing', status(404)],
    ['elsewhere', status(302, { location: `${issuer}/elsewhere` })],
    ['too much', json({ issuer, much: 'x'.repeat(1024 * 1024) })]
  ]
  for (const [what, answer] of wrong) {
    provider.responses.set(DISCOVERY, answer)
    const refusal = await new OidcProvider(settings).begin(CALLBACK)
    t.match(refusal, { refused: 503, reason: /^discovery failed: response is invalid/ }, what)
  }
  t.equal(provider.calls.length, wrong.length, 'redirects are not followed')
})
