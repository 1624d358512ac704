import type { JwtSettings } from '@reliw/model'
import t from 'tap'
import type { Identity } from '../src/identity.ts'
import { TokenVerifier } from '../src/jwt/token-verifier.ts'
import { claimsWith, forge, NOW_MS, settingsWith } from './jwt-issuing.ts'

type Claims = Readonly<Record<string, unknown>>

const verify = async (claims: Claims, settings: Partial<JwtSettings> = {}) =>
  new TokenVerifier(settingsWith(settings), { now: () => NOW_MS }).verify(
    forge({ alg: 'HS256' }, { ...claimsWith(), ...claims })
  )

async function identify(claims: Claims, settings?: Partial<JwtSettings>): Promise<Identity> {
  const result = await verify(claims, settings)
  if ('refused' in result) throw new Error(result.reason)
  return result
}

const groupsOf = async (groups: unknown) => (await identify({ groups })).groups
const factorOf = async (amr: unknown) => (await identify({ amr })).secondFactor

t.test('an identity says who the token is about, and has its claims', async (t) => {
  const claims = { groups: ['staff', 'admin'], amr: ['pwd', 'otp'], email: 'alice@example.com' }
  t.same(await identify(claims), {
    user: 'alice',
    groups: ['staff', 'admin'],
    method: 'jwt',
    secondFactor: true,
    claims: { ...claimsWith(), ...claims }
  })
})

t.test('groups are a list, or a text with spaces or commas', async (t) => {
  t.same(await groupsOf(['a b', 'c,d', 'Ä']), ['a b', 'c,d', 'Ä'])
  t.same(await groupsOf('staff'), ['staff'])
  t.same(await groupsOf('staff admin'), ['staff', 'admin'])
  t.same(await groupsOf(' staff,admin,\n,ops '), ['staff', 'admin', 'ops'])
  t.same(await groupsOf(''), [])
  t.same(await groupsOf([]), [])
  t.same(await groupsOf(null), [])
  t.same(await groupsOf(undefined), [])
  const many = Array.from({ length: 200 }, (_, at) => `g${at}`)
  t.same(await groupsOf(many), many)
  t.same(await groupsOf(many.join(' ')), many)
  t.same(await groupsOf(['a'.repeat(256)]), ['a'.repeat(256)])
})

t.test('too many groups are refused, not cut off', async (t) => {
  const text = Array.from({ length: 201 }, (_, at) => `g${at}`).join(' ')
  t.match(await verify({ groups: text }), { refused: 403, reason: /groups/ })
})

t.test('only methods that no password alone can be are a second factor', async (t) => {
  for (const method of ['mfa', 'otp', 'hwk', 'swk']) {
    t.equal(await factorOf([method]), true, method)
    t.equal(await factorOf(['pwd', method]), true)
    t.equal(await factorOf(method), false, 'RFC 8176: amr is a list')
  }
  for (const amr of [
    [],
    ['pwd'],
    ['pin', 'sms'],
    ['MFA'],
    [['mfa']],
    [null],
    { mfa: true },
    true,
    null
  ]) {
    t.equal(await factorOf(amr), false, JSON.stringify(amr))
  }
  t.equal((await identify({ acr: 'mfa' })).secondFactor, false, 'acr says nothing')
})

t.test('user and groups are in the claims that the settings name', async (t) => {
  const settings = { user_claim: 'https://example.com/name', groups_claim: 'roles' }
  const claims = { 'https://example.com/name': 'Zoë', roles: ['ops'], groups: ['admin'] }
  const { user, groups } = await identify(claims, settings)
  t.same({ user, groups }, { user: 'Zoë', groups: ['ops'] })
})

t.test('what objects inherit is no claim', async (t) => {
  for (const name of ['constructor', '__proto__', 'toString']) {
    t.match(await verify({}, { user_claim: name }), { refused: 403 }, name)
    t.same((await identify({}, { groups_claim: name })).groups, [], name)
  }
  const token = `{"sub":"alice","exp":${NOW_MS},"__proto__":{"groups":["admin"],"amr":["mfa"]}}`
  const verifier = new TokenVerifier(settingsWith({}), { now: () => NOW_MS })
  const result = await verifier.verify(forge({ alg: 'HS256' }, token))
  t.match(result, { user: 'alice', groups: [], secondFactor: false })
})

t.test('an address that is said to be unverified is nobody', async (t) => {
  const byEmail = { user_claim: 'email' }
  const email = 'alice@example.com'
  t.equal((await identify({ email }, byEmail)).user, email)
  t.equal((await identify({ email, email_verified: true }, byEmail)).user, email)
  for (const no of [false, 'false']) {
    t.match(await verify({ email, email_verified: no }, byEmail), { refused: 403 })
  }
  t.equal((await identify({ email, email_verified: false })).user, 'alice')
  const odd = { email, email_verified: { toString: 1, valueOf: 1 } }
  t.equal((await identify(odd, byEmail)).user, email)
})

t.test('an identity is shared by requests: nobody can change it', async (t) => {
  const identity = await identify({ groups: ['a'] })
  t.ok(Object.isFrozen(identity))
  t.ok(Object.isFrozen(identity.groups))
  t.ok(Object.isFrozen(identity.claims))
})
