import t from 'tap'
import { OidcProvider } from '../src/oidc/provider.ts'
import { beginLogin, CALLBACK } from './begin-login.ts'
import { DISCOVERY, json, startScriptedProvider, status } from './start-scripted-provider.ts'

const HOUR = 3_600_000

t.test('metadata is fetched at the first login, once for many', async (t) => {
  const provider = await startScriptedProvider(t)
  const oidc = new OidcProvider(provider.settings)
  t.equal(provider.calls.length, 0)
  const logins = await Promise.all(Array.from({ length: 50 }, () => beginLogin(oidc)))
  t.equal(new Set(logins.map(({ flow }) => flow.state)).size, 50)
  await beginLogin(oidc)
  t.equal(provider.count(DISCOVERY), 1)
})

t.test(
  'metadata is requested from a failing provider every five seconds, however many log in',
  async (t) => {
    const provider = await startScriptedProvider(t)
    const works = provider.responses.get(DISCOVERY) ?? status(404)
    provider.responses.set(DISCOVERY, status(503))
    let time = 0
    const oidc = new OidcProvider(provider.settings, { now: () => time })
    for (const round of [1, 2, 3]) {
      const many = Array.from({ length: 20 }, () => oidc.begin(CALLBACK))
      const reason = 'discovery failed: provider responded with 503'
      for (const refusal of await Promise.all(many)) t.same(refusal, { refused: 503, reason })
      time += 4999
      t.match(await oidc.begin(CALLBACK), { refused: 503 })
      t.equal(provider.count(DISCOVERY), round)
      time += 1
    }
    provider.responses.set(DISCOVERY, works)
    await beginLogin(oidc)
    t.equal(provider.count(DISCOVERY), 4)
  }
)

t.test('metadata is fetched again after an hour', async (t) => {
  const provider = await startScriptedProvider(t)
  let time = 0
  const oidc = new OidcProvider(provider.settings, { now: () => time })
  await beginLogin(oidc)
  time += HOUR - 1
  await beginLogin(oidc)
  t.equal(provider.count(DISCOVERY), 1)
  provider.describe({ authorization_endpoint: `${provider.issuer}/new` })
  time += 1
  const { location } = await beginLogin(oidc)
  t.equal(new URL(location).pathname, '/new')
  t.equal(provider.count(DISCOVERY), 2)
})

t.test('earlier metadata stays valid while it cannot be fetched', async (t) => {
  const provider = await startScriptedProvider(t)
  let time = 0
  const oidc = new OidcProvider(provider.settings, { now: () => time })
  await beginLogin(oidc)
  provider.responses.set(DISCOVERY, json({ issuer: 'https://evil.example' }))
  time += HOUR
  await beginLogin(oidc)
  await beginLogin(oidc)
  t.equal(provider.count(DISCOVERY), 2)
  time += 5000
  await beginLogin(oidc)
  t.equal(provider.count(DISCOVERY), 3)
})

t.test('an issuer that is not on this machine is contacted over TLS only', async (t) => {
  const { settings } = await startScriptedProvider(t)
  const oidc = new OidcProvider({ ...settings, issuer: 'http://provider.example' })
  const reason = 'discovery failed: response is invalid (OAUTH_HTTP_REQUEST_FORBIDDEN)'
  t.same(await oidc.begin(CALLBACK), { refused: 503, reason })
})

t.test('an issuer that is not a URL is refused as a setting', async (t) => {
  const { settings } = await startScriptedProvider(t)
  t.throws(() => new OidcProvider({ ...settings, issuer: 'provider' }), TypeError)
})
