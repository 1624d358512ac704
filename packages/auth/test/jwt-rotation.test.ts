import t from 'tap'
import { waitFor, type TestContext } from '@reliw/testing'
import { KeySets } from '../src/jwt/key-sets.ts'
import { TokenVerifier } from '../src/jwt/token-verifier.ts'
import {
  createEcKey,
  createRsaKey,
  issue,
  NOW_MS,
  outcome,
  publish,
  settingsWith,
  startIssuer,
  type Issuer
} from './jwt-issuing.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const first = createEcKey()
const second = createEcKey()
const third = createRsaKey()
const firstJwk = publish(first, { kid: 'one', use: 'sig', alg: 'ES256' })
const secondJwk = publish(second, { kid: 'two', use: 'sig', alg: 'ES256' })
const firstToken = await issue({ alg: 'ES256', kid: 'one', key: first.privateKey })
const secondToken = await issue({ alg: 'ES256', kid: 'two', key: second.privateKey })
const strangeToken = await issue({ alg: 'ES256', kid: 'three', key: second.privateKey })

interface Scene {
  issuer: Issuer
  verifier: TokenVerifier
  failures: string[]
  /** Lets time pass. */
  pass: (ms: number) => void
  verify: (token: string) => Promise<string | number>
}

/** An issuer with one key, and a verifier of its tokens whose clocks the test winds. */
async function begin(t: TestContext): Promise<Scene> {
  const issuer = await startIssuer(t)
  issuer.publish(firstJwk)
  let uptime = 0
  const failures: string[] = []
  const keySets = new KeySets({
    now: () => uptime,
    onFailure: (uri, reason) => failures.push(uri === issuer.uri ? reason : uri)
  })
  const settings = settingsWith({
    algorithms: ['ES256', 'RS256'],
    secret: undefined,
    jwks_uri: issuer.uri
  })
  const verifier = new TokenVerifier(settings, { keySets, now: () => NOW_MS })
  return {
    issuer,
    verifier,
    failures,
    pass: (ms) => (uptime += ms),
    verify: async (token) => outcome(await verifier.verify(token))
  }
}

t.test('keys are fetched with the first token, and once for many that come together', async (t) => {
  const { issuer, verify } = await begin(t)
  t.equal(issuer.requests, 0)
  const results = await Promise.all(Array.from({ length: 20 }, () => verify(firstToken)))
  t.same(results, Array(20).fill('alice'))
  t.equal(issuer.requests, 1)
})

t.test('a new key is accepted without a restart, beside the old one', async (t) => {
  const { issuer, pass, verify } = await begin(t)
  t.equal(await verify(firstToken), 'alice')
  issuer.publish(firstJwk, secondJwk)
  t.equal(await verify(secondToken), 401, 'keys were fetched just now')
  pass(30_000)
  t.equal(await verify(secondToken), 'alice')
  t.equal(await verify(firstToken), 'alice')
  t.equal(issuer.requests, 2)
})

t.test(
  'a removed key is refused once keys are fetched again, and its cached tokens too',
  async (t) => {
    const { issuer, pass, verify } = await begin(t)
    t.equal(await verify(firstToken), 'alice')
    issuer.publish(secondJwk)
    pass(30_000)
    t.equal(await verify(firstToken), 'alice', 'nobody has noticed yet')
    t.equal(await verify(secondToken), 'alice', 'its key was looked for')
    t.equal(await verify(firstToken), 401)
  }
)

t.test('a removed key is refused after ten minutes at the latest', async (t) => {
  const { issuer, pass, verify } = await begin(t)
  t.equal(await verify(firstToken), 'alice')
  issuer.publish(secondJwk)
  pass(10 * MINUTE - 1)
  t.equal(await verify(firstToken), 'alice')
  pass(1)
  t.equal(await verify(firstToken), 401)
  t.equal(await verify(secondToken), 'alice')
})

t.test('a key that is replaced under its own name is another key', async (t) => {
  const { issuer, pass, verify } = await begin(t)
  t.equal(await verify(firstToken), 'alice')
  issuer.publish(publish(second, { kid: 'one' }))
  pass(10 * MINUTE)
  t.equal(await verify(firstToken), 401)
  t.equal(await verify(await issue({ alg: 'ES256', kid: 'one', key: second.privateKey })), 'alice')
})

t.test('a flood of unknown names costs one fetch per cooldown', async (t) => {
  const { issuer, pass, verify } = await begin(t)
  t.equal(await verify(firstToken), 'alice')
  const key = second.privateKey
  const flood = await Promise.all(
    Array.from({ length: 50 }, (_, at) => issue({ alg: 'ES256', kid: `random ${at}`, key }))
  )
  for (let round = 1; round <= 3; round += 1) {
    pass(30_000)
    t.same(await Promise.all(flood.map(verify)), Array(50).fill(401))
    for (const token of flood) t.equal(await verify(token), 401)
    t.equal(issuer.requests, 1 + round)
  }
  t.equal(await verify(firstToken), 'alice')
})

t.test('tokens are refused with 503 until keys are available', async (t) => {
  const { issuer, verifier, failures, pass, verify } = await begin(t)
  await issuer.stop()
  t.same(await verifier.verify(firstToken), { refused: 503, reason: 'no keys: ECONNREFUSED' })
  t.equal(await verify('malformed'), 403, 'that needs no keys')
  await issuer.start()
  t.equal(await verify(firstToken), 503, 'not fetched again so soon')
  t.equal(issuer.requests, 0)
  pass(5_000)
  t.equal(await verify(firstToken), 'alice')
  t.same(failures, ['ECONNREFUSED'])
})

t.test('keys stay valid for a day while the issuer is unavailable', async (t) => {
  const { issuer, failures, pass, verify } = await begin(t)
  t.equal(await verify(firstToken), 'alice')
  await issuer.stop()
  pass(10 * MINUTE)
  t.equal(await verify(firstToken), 'alice')
  t.equal(await verify(strangeToken), 401)
  t.equal(failures.length, 1)
  for (let hour = 1; hour < 24; hour += 1) {
    pass(HOUR - (hour === 1 ? 10 * MINUTE : 0))
    t.equal(await verify(firstToken), 'alice', `after ${hour} hours`)
  }
  t.equal(failures.length, 24)
  pass(HOUR)
  t.equal(await verify(firstToken), 503)
  await issuer.start()
  pass(5_000)
  t.equal(await verify(firstToken), 'alice')
})

t.test('a token whose key is cached does not wait for an issuer that hangs', async (t) => {
  const { issuer, failures, pass, verify } = await begin(t)
  t.equal(await verify(firstToken), 'alice')
  await issuer.stop()
  pass(10 * MINUTE)
  t.equal(await verify(firstToken), 'alice')
  t.equal(failures.length, 1)
  const hanging: (() => void)[] = []
  issuer.respond = (_request, response) => {
    hanging.push(() => response.end(JSON.stringify({ keys: [secondJwk] })))
  }
  await issuer.start()
  pass(30_000)
  t.equal(await verify(firstToken), 'alice', 'while a fetch is under way')
  await waitFor(() => hanging.length === 1, 'the fetch')
  t.equal(await verify(firstToken), 'alice')
  const waiting = verify(secondToken)
  hanging[0]?.()
  t.equal(await waiting, 'alice', 'it joined that fetch')
  t.equal(await verify(firstToken), 401)
})

t.test('after a long silence the first token waits for the keys of now', async (t) => {
  const { issuer, pass, verify } = await begin(t)
  t.equal(await verify(firstToken), 'alice')
  await issuer.stop()
  pass(10 * MINUTE)
  t.equal(await verify(firstToken), 'alice')
  issuer.publish(secondJwk)
  await issuer.start()
  pass(20 * HOUR)
  t.equal(await verify(firstToken), 401)
})

t.test(
  'a token without a name is tried with every key of its kind, but not with many',
  async (t) => {
    const { issuer, pass, verify } = await begin(t)
    issuer.publish(firstJwk, publish(third, { kid: 'rsa' }), secondJwk)
    t.equal(await verify(await issue({ alg: 'ES256', key: second.privateKey })), 'alice')
    t.equal(await verify(await issue({ alg: 'RS256', key: third.privateKey })), 'alice')
    t.equal(await verify(await issue({ alg: 'ES256', key: createEcKey().privateKey })), 401)
    const others = Array.from({ length: 6 }, () => publish(createEcKey()))
    issuer.publish(...others, firstJwk)
    pass(10 * MINUTE)
    t.equal(await verify(await issue({ alg: 'ES256', key: first.privateKey })), 401)
    t.equal(await verify(firstToken), 'alice', 'its name finds it')
  }
)

t.test('sites that name one issuer share its keys, whenever they begin', async (t) => {
  const issuer = await startIssuer(t)
  issuer.publish(firstJwk)
  const keySets = new KeySets({ now: () => 0 })
  const settings = settingsWith({ algorithms: ['ES256'], jwks_uri: issuer.uri })
  const create = () => new TokenVerifier(settings, { keySets, now: () => NOW_MS })
  t.equal(outcome(await create().verify(firstToken)), 'alice')
  await issuer.stop()
  t.equal(outcome(await create().verify(firstToken)), 'alice')
  t.equal(issuer.requests, 1)
})

t.test('at most 1,000 key sets are cached, the last used ones', async (t) => {
  const keySets = new KeySets()
  const at = (index: number) => keySets.at(`https://id.example/${index}`)
  const cached = at(0)
  const dropped = at(1)
  for (let index = 2; index < 1_000; index += 1) at(index)
  t.equal(at(0), cached)
  at(1_000)
  t.equal(at(0), cached)
  t.not(at(1), dropped)
})

t.test('a verifier without shared key sets fetches its own', async (t) => {
  const issuer = await startIssuer(t)
  issuer.publish(firstJwk)
  const settings = settingsWith({ algorithms: ['ES256'], jwks_uri: issuer.uri })
  const verifier = new TokenVerifier(settings, { now: () => NOW_MS })
  t.equal(outcome(await verifier.verify(firstToken)), 'alice')
})
