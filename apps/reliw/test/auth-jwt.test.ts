import { respond, startOrigin, type TestContext } from '@reliw/testing'
import { test } from 'tap'
import {
  createEcKey,
  issue,
  type Issuer,
  type KeyPair,
  publish,
  startIssuer
} from '../../../packages/auth/test/jwt-issuing.ts'
import { HOST, type ProtectedServer, startProtected } from './protected-site.ts'

interface Setup extends ProtectedServer {
  issuer: Issuer
  key: KeyPair
  /** A token that is good for ten minutes. */
  tokenOf: (claims?: object, key?: KeyPair) => Promise<string>
}

/** A site whose API takes tokens of an issuer that has its keys at `jwks_uri`. */
async function start(t: TestContext, rule: object = {}): Promise<Setup> {
  const issuer = await startIssuer(t)
  const key = createEcKey()
  issuer.publish(publish(key, { kid: 'one' }))
  const upstream = await startOrigin(t, respond('of the origin'))
  const jwt = { algorithms: ['ES256'], jwks_uri: issuer.uri, issuer: 'https://sso.example' }
  const auth = { any: ['jwt'], ...rule }
  const server = await startProtected(
    t,
    { api: { auth, proxy: { target: upstream.url } }, file: { auth } },
    { [`SITE:${HOST}`]: { auth: { jwt } }, [`FILES:${HOST}:/file`]: { content: 'a file' } }
  )
  const tokenOf: Setup['tokenOf'] = async (claims = {}, { privateKey } = key) => {
    const now = Math.floor(Date.now() / 1000)
    const all = { iss: 'https://sso.example', iat: now, exp: now + 600, groups: ['ops'], ...claims }
    return issue({ alg: 'ES256', kid: 'one', key: privateKey, claims: all })
  }
  return { ...server, issuer, key, tokenOf }
}

const bearer = (token: string): string => `Authorization: Bearer ${token}`

test('an API accepts the tokens of its issuer', async (t) => {
  const { send, tokenOf, issuer } = await start(t)
  const token = await tokenOf()
  for (const path of ['/api/x', '/file'])
    t.match(await send('GET', path, bearer(token)), /^HTTP\/1\.1 200 /, path)
  const many = Array.from({ length: 20 }, async () => send('GET', '/api/x', bearer(token)))
  for (const response of await Promise.all(many)) t.match(response, /of the origin$/)
  t.equal(issuer.requests, 1, 'its keys are asked for once')
})

test('invalid tokens are refused, and no token is logged', async (t) => {
  const { send, tokenOf, log } = await start(t)
  const past = Math.floor(Date.now() / 1000) - 60
  const cases = [
    ['expired', await tokenOf({ exp: past }), 401],
    ['of another issuer', await tokenOf({ iss: 'https://other.example' }), 401],
    ['signed with another key', await tokenOf({}, createEcKey()), 401],
    ['about nobody', await tokenOf({ sub: '' }), 403],
    ['of another algorithm', await issue({ kid: 'one' }), 403],
    ['cut off', (await tokenOf()).slice(0, 100), 403]
  ] as const
  for (const [what, token, status] of cases) {
    const response = await send('GET', '/api/x', bearer(token))
    t.equal(response.slice(9, 12), String(status), what)
    const challenge =
      /\r\nwww-authenticate: Bearer realm="127\.0\.0\.1", error="invalid_token"\r\n/i
    t.equal(challenge.test(response), status === 401, `${what}, and a challenge`)
    t.notOk(JSON.stringify(log).includes(token.slice(-50)), what)
  }
  const none = await send('GET', '/api/x')
  t.match(none, /^HTTP\/1\.1 401 [^]*\r\nwww-authenticate: Bearer realm="127\.0\.0\.1"\r\n/i)
  t.equal(log.filter(({ msg }) => msg === 'audit').length, cases.length)
})

test('groups in a token count for the rule', async (t) => {
  const { send, tokenOf } = await start(t, { groups: ['ops'] })
  t.match(await send('GET', '/api/x', bearer(await tokenOf())), /^HTTP\/1\.1 200 /)
  const others = await tokenOf({ groups: ['staff'] })
  t.match(await send('GET', '/api/x', bearer(others)), /^HTTP\/1\.1 403 /)
})

test('while the issuer is unreachable, tokens with unknown keys are refused', async (t) => {
  const { send, tokenOf, issuer } = await start(t)
  await issuer.stop()
  const token = await tokenOf()
  const response = await send('GET', '/api/x', bearer(token))
  t.match(response, /^HTTP\/1\.1 503 [^]*\r\nretry-after: /i)
  t.notMatch(response, issuer.uri)
})

test('changed settings apply to the next request', async (t) => {
  const { send, set, tokenOf, issuer } = await start(t)
  const token = await tokenOf()
  t.match(await send('GET', '/api/x', bearer(token)), /^HTTP\/1\.1 200 /)
  const jwt = { algorithms: ['ES256'], jwks_uri: issuer.uri, issuer: 'https://new.example' }
  await set(`SITE:${HOST}`, { auth: { jwt } })
  t.match(await send('GET', '/api/x', bearer(token)), /^HTTP\/1\.1 401 /)
  const renewed = await tokenOf({ iss: 'https://new.example' })
  t.match(await send('GET', '/api/x', bearer(renewed)), /^HTTP\/1\.1 200 /)
})
