import { seededRandom, TEST_LENGTH } from '@reliw/testing'
import t from 'tap'
import type { Identity, Refusal } from '../src/identity.ts'
import { readJwk } from '../src/jwt/verification-key.ts'
import { readKeySet } from '../src/jwt/key-set.ts'
import { TokenVerifier } from '../src/jwt/token-verifier.ts'
import {
  claimsWith,
  createEcKey,
  createRsaKey,
  encode,
  forge,
  issue,
  NOW_MS,
  outcome,
  publish,
  settingsWith
} from './jwt-issuing.ts'

const rsa = createRsaKey()
const ec = createEcKey()
const verifiers = {
  secret: new TokenVerifier(settingsWith({}), { now: () => NOW_MS }),
  key: new TokenVerifier(
    settingsWith({
      algorithms: ['ES256', 'RS256', 'HS256'],
      public_key: JSON.stringify(publish(ec))
    }),
    { now: () => NOW_MS }
  )
}

function decode(part: string | undefined): string {
  return Buffer.from(part ?? '', 'base64url').toString()
}

function isRefusal(result: Identity | Refusal): boolean {
  return 'refused' in result && (result.refused === 401 || result.refused === 403)
}

t.test('no token that was changed is accepted, none makes the verifier throw', async (t) => {
  const random = seededRandom(t)
  const claims = { groups: ['a', 'b'], amr: ['pwd', 'otp'] }
  const tokens = [
    await issue({ claims }),
    await issue({ claims: { ...claims, sub: 'bob' } }),
    await issue({ alg: 'ES256', key: ec.privateKey, claims }),
    await issue({ alg: 'RS256', key: rsa.privateKey, kid: 'k1', claims })
  ]
  const accepted: string[] = []
  for (let round = 0; round < 4000 * TEST_LENGTH; round += 1) {
    const token = random.mutate(random.pick(tokens), tokens)
    if (tokens.includes(token)) continue
    for (const verifier of Object.values(verifiers)) {
      if (!isRefusal(await verifier.verify(token))) accepted.push(token)
    }
  }
  t.same(accepted, [])
})

t.test('no header and no claims that were changed fit a signature', async (t) => {
  const random = seededRandom(t)
  const tokens = [await issue(), await issue({ alg: 'ES256', key: ec.privateKey })]
  const odd = ['"alg":"none"', '"alg":"RS256"', '"sub":"root"', '"kid":"a"', '{}', '[]', '"crit"']
  const accepted: string[] = []
  for (let round = 0; round < 1500 * TEST_LENGTH; round += 1) {
    const [header, payload, signature] = random.pick(tokens).split('.')
    const texts = [decode(header), decode(payload)]
    const at = random.below(2)
    texts[at] = random.mutate(texts[at] ?? '', odd)
    const token = `${texts.map(encode).join('.')}.${signature}`
    if (tokens.includes(token)) continue
    for (const verifier of Object.values(verifiers)) {
      if (!isRefusal(await verifier.verify(token))) accepted.push(token)
    }
  }
  t.same(accepted, [])
})

t.test('whatever an issuer signs leads to an identity or a refusal', async (t) => {
  const random = seededRandom(t)
  const statuses = new Set<number>()
  const header = JSON.stringify({ alg: 'HS256', kid: 'k', typ: 'JWT' })
  const payload = JSON.stringify({ ...claimsWith(), nbf: 0, groups: ['a'], amr: ['otp'] })
  const odd = ['null', '{}', '[[', '1e999', '-1', '"__proto__":', '"\\ud800"', 'true', '"a b"']
  for (let round = 0; round < 1500 * TEST_LENGTH; round += 1) {
    const changesHeader = random.below(4) === 0
    const token = forge(
      changesHeader ? random.mutate(header, odd) : header,
      changesHeader ? payload : random.mutate(payload, odd)
    )
    const result = await verifiers.secret.verify(token)
    statuses.add('refused' in result ? result.refused : 200)
    if (!('refused' in result) && !isOrderly(result)) t.fail(`accepted as it is: ${token}`)
  }
  t.same(statuses, new Set([200, 401, 403]))
})

function isOrderly({ user, groups, method }: Identity): boolean {
  const names = [user, ...groups]
  return method === 'jwt' && names.every((name) => /^\P{Cc}{1,256}$/u.test(name))
}

t.test('whatever is published as keys is read, left out or refused', async (t) => {
  const random = seededRandom(t)
  const keys = [publish(rsa, { kid: 'a', use: 'sig' }), publish(ec, { alg: 'ES256' })]
  const odd = [
    '"d":"AQ"',
    '"kty":"oct"',
    '"k":"AAAA"',
    '"use":"enc"',
    '[]',
    'null',
    '"crv":"P-521"'
  ]
  const text = JSON.stringify({ keys })
  let read = 0
  for (let round = 0; round < 1500 * TEST_LENGTH; round += 1) {
    try {
      const found = readKeySet(random.mutate(text, odd))
      read += 1
      for (const { key } of found) if (key.type !== 'public') t.fail('a key that is not public')
    } catch (error) {
      if (!(error instanceof Error)) t.fail('an exception that is no error')
    }
  }
  t.ok(read > 0 && read < 1500 * TEST_LENGTH, `${read} were read`)
  for (const odd of [
    undefined,
    null,
    1,
    '',
    [],
    [[]],
    () => 1,
    { kty: 'RSA' },
    { kty: 'EC', crv: 1 }
  ]) {
    t.type(readJwk(odd), 'string')
  }
  t.equal(outcome(await verifiers.secret.verify(await issue())), 'alice')
})
