import type { JwtSettings } from '@reliw/model'
import t from 'tap'
import { TokenCache } from '../src/jwt/token-cache.ts'
import { TokenVerifier } from '../src/jwt/token-verifier.ts'
import { claimsWith, forge, issue, NOW, NOW_MS, outcome, settingsWith } from './jwt-issuing.ts'

/** A verifier of one token, asked at times relative to NOW, in milliseconds. */
function verifyAt(claims: Readonly<Record<string, unknown>>, settings: Partial<JwtSettings> = {}) {
  const token = forge({ alg: 'HS256' }, { ...claimsWith(), ...claims })
  let time = NOW_MS
  const verifier = new TokenVerifier(settingsWith(settings), { now: () => time })
  return async (at: number): Promise<string | number> => {
    time = NOW_MS + at
    return outcome(await verifier.verify(token))
  }
}

t.test('a token is refused from the second in which it expires, cached or not', async (t) => {
  const at = verifyAt({ exp: NOW + 10 })
  t.equal(await at(0), 'alice')
  t.equal(await at(1), 'alice')
  t.equal(await at(9_999), 'alice')
  t.equal(await at(10_000), 401)
  t.equal(await at(10_001), 401)
  t.equal(await verifyAt({ exp: NOW + 10 })(10_000), 401, 'never seen before')
})

t.test('the leeway is added to the end, and taken from the beginning', async (t) => {
  const leeway = 5_000
  const end = verifyAt({ exp: NOW + 10 }, { leeway })
  t.equal(await end(14_999), 'alice')
  t.equal(await end(15_000), 401)
  const beginning = verifyAt({ nbf: NOW + 10 }, { leeway })
  t.equal(await beginning(4_999), 401)
  t.equal(await beginning(5_000), 'alice')
  const odd = verifyAt({ exp: NOW + 10 }, { leeway: 500 })
  t.equal(await odd(10_499), 'alice')
  t.equal(await odd(11_000), 401, 'the time of day is in whole seconds')
})

t.test('a token that is not valid yet is refused, and accepted when it is', async (t) => {
  const at = verifyAt({ nbf: NOW + 3 })
  t.equal(await at(2_999), 401)
  t.equal(await at(3_000), 'alice')
})

t.test('a token ends at its maximum age, cached or not', async (t) => {
  const at = verifyAt({ exp: NOW + 9_000 }, { max_age: 20_000 })
  t.equal(await at(0), 'alice')
  t.equal(await at(20_999), 'alice')
  t.equal(await at(21_000), 401)
  t.equal(await at(-1_000), 401, 'it is from the future')
})

t.test('a token without a greatest age needs no iat', async (t) => {
  t.equal(await verifyAt({ iat: undefined })(0), 'alice')
  t.equal(await verifyAt({ iat: NOW + 500 })(0), 'alice')
  t.equal(await verifyAt({ iat: undefined }, { max_age: 20_000 })(0), 401)
})

t.test('a fraction of a second never extends a cached token', async (t) => {
  const at = verifyAt({ exp: NOW + 1.5 })
  t.equal(await at(0), 'alice')
  t.equal(await at(1_499), 'alice')
  t.equal(await at(2_000), 401)
})

t.test('a cached token has the same identity for a minute, then a new one', async (t) => {
  const token = await issue()
  let time = NOW_MS
  const verifier = new TokenVerifier(settingsWith({}), { now: () => time })
  const first = await verifier.verify(token)
  time += 59_999
  t.equal(await verifier.verify(token), first)
  time += 1
  const second = await verifier.verify(token)
  t.not(second, first)
  t.same(second, first)
})

t.test('a refusal is not cached', async (t) => {
  const at = verifyAt({ nbf: NOW + 1 })
  t.equal(await at(0), 401)
  t.equal(await at(1_000), 'alice')
})

const identity = { user: 'alice', groups: [], method: 'jwt', secondFactor: false } as const

t.test(
  'cached tokens are bounded in number and in size, the oldest is evicted first',
  async (t) => {
    const cache = new TokenCache()
    const source = {}
    const add = (token: string) => cache.add(token, identity, source, NOW_MS + 1e9, NOW_MS)
    for (let count = 0; count < 10_000; count += 1) add(`token ${count}`)
    t.equal(cache.size, 9_986)
    t.equal(cache.find('token 13', source, NOW_MS), undefined)
    t.equal(cache.find('token 14', source, NOW_MS), identity)
    add('one more')
    t.equal(cache.find('token 14', source, NOW_MS), undefined, 'though it was found since')
    for (let count = 0; count < 600; count += 1) add(String(count).padEnd(8192))
    t.equal(cache.size, 512, '4 MiB of them')
    t.equal(cache.find('599'.padEnd(8192), source, NOW_MS), identity)
  }
)

t.test('a cached token counts once, however often it is added', async (t) => {
  const cache = new TokenCache()
  const source = {}
  const token = 'a'.repeat(8192)
  for (let at = 0; at < 2_000; at += 1) cache.add(token, identity, source, NOW_MS + 1e9, NOW_MS)
  cache.add('b', identity, source, NOW_MS + 1e9, NOW_MS)
  t.equal(cache.size, 2)
})

t.test('expired tokens are evicted when others are added', async (t) => {
  const cache = new TokenCache()
  const source = {}
  cache.add('a', identity, source, NOW_MS + 10, NOW_MS)
  cache.add('b', identity, source, NOW_MS + 20, NOW_MS)
  cache.add('c', identity, source, NOW_MS + 1e9, NOW_MS + 15)
  t.equal(cache.size, 2)
  cache.add('d', identity, source, NOW_MS, NOW_MS + 15)
  t.equal(cache.size, 2, 'what has ended is not cached at all')
})

t.test('a cached token is valid only while the source of keys is the same', async (t) => {
  const cache = new TokenCache()
  const source = {}
  cache.add('a', identity, source, NOW_MS + 10, NOW_MS)
  t.equal(cache.find('a', source, NOW_MS), identity)
  t.equal(cache.find('a', {}, NOW_MS), undefined)
  t.equal(cache.find('a', undefined, NOW_MS), undefined)
})
