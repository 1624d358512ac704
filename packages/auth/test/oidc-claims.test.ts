import type { OidcSettings } from '@reliw/model'
import t from 'tap'
import type { Identity, Refusal } from '../src/identity.ts'
import { claimedIdentity, wantedClaims } from '../src/oidc/claimed-identity.ts'

const settings: OidcSettings = {
  issuer: 'https://provider.example',
  client_id: 'reliw',
  scopes: ['openid'],
  user_claim: 'sub',
  groups_claim: 'groups',
  label: 'single sign-on'
}

t.test('the claims that describe the user are retained', async (t) => {
  const who = { sub: 'ada', name: 'Ada', email: 'ada@example.com', preferred_username: 'countess' }
  const claims = { ...who, groups: ['staff'], iss: 'https://provider.example', address: {} }
  t.same(claimedIdentity(claims, settings), {
    user: 'ada',
    groups: ['staff'],
    method: 'session',
    secondFactor: false,
    claims: { ...who, groups: ['staff'] }
  })
})

t.test('empty, too long and non-string claims are not retained', async (t) => {
  const claims = { sub: 'ada', name: 'x'.repeat(257), email: ['ada'], preferred_username: 'a\nb' }
  t.strictSame(claimedIdentity(claims, settings), {
    user: 'ada',
    groups: [],
    method: 'session',
    secondFactor: false,
    claims: { sub: 'ada' }
  })
})

t.test('a user name is a text of 1 to 256 characters, without control characters', async (t) => {
  for (const user of ['a', 'x'.repeat(256), 'ada@example.com', 'Åda Lovelace', '阿達']) {
    t.match(claimedIdentity({ sub: user }, settings), { user })
  }
  const controls = ['a\nb', 'a\0', '\x7f', 'a\u0085b', 'a\tb']
  const wrong = ['', 'x'.repeat(257), ' ada', 'ada ', '\ud800', 1, null, true, ['ada'], {}]
  for (const user of [...controls, ...wrong, undefined]) {
    const reason = 'the claim with the user name is missing or invalid'
    t.same(claimedIdentity({ sub: user }, settings), { refused: 403, reason })
  }
})

t.test('what every object has is no claim', async (t) => {
  for (const name of ['constructor', '__proto__', 'toString']) {
    t.match(claimedIdentity({ sub: 'ada' }, { ...settings, user_claim: name }), { refused: 403 })
    t.match(claimedIdentity({ sub: 'ada' }, { ...settings, groups_claim: name }), { groups: [] })
  }
})

t.test('an address as user name must be verified by the provider', async (t) => {
  const byMail = { ...settings, user_claim: 'email' }
  const email = 'ada@example.com'
  t.match(claimedIdentity({ email, email_verified: true }, byMail), { user: email })
  for (const verified of [false, undefined, null, 'true', 1, 'false']) {
    const reason = 'the e-mail address is not verified'
    const refusal = claimedIdentity({ email, email_verified: verified }, byMail)
    t.same(refusal, { refused: 403, reason })
  }
})

function groupsOf(roles: unknown): Identity | Refusal {
  return claimedIdentity({ sub: 'ada', roles }, { ...settings, groups_claim: 'roles' })
}

function shownBy(amr: unknown): Identity | Refusal {
  return claimedIdentity({ sub: 'ada', amr }, settings)
}

t.test('groups are a list of names, or one name', async (t) => {
  const many = Array.from({ length: 200 }, (_, index) => `${index}`)
  t.match(groupsOf(many), { groups: many, claims: { groups: many } })
  t.match(groupsOf('Domain Admins'), { groups: ['Domain Admins'] })
  for (const none of [undefined, null, []]) t.match(groupsOf(none), { groups: [] })
  const wrong = [[...many, 'one more'], [1], [['a']], [''], ['a\n'], ['x'.repeat(257)], {}, '', 1]
  for (const groups of wrong) {
    t.same(groupsOf(groups), { refused: 403, reason: 'the claim with the groups is invalid' })
  }
})

t.test('a second factor is one of the methods that are more than a password', async (t) => {
  for (const method of ['mfa', 'otp', 'hwk', 'swk']) {
    t.match(shownBy(['pwd', method]), { secondFactor: true })
  }
  for (const amr of [undefined, null, [], ['pwd', 'sms'], 'mfa', { mfa: true }, [['mfa']]]) {
    t.match(shownBy(amr), { secondFactor: false })
  }
})

t.test('claims are wanted that make an identity', async (t) => {
  t.same(wantedClaims(settings), ['sub', 'groups'])
  const byMail = { ...settings, user_claim: 'email' }
  t.same(wantedClaims(byMail), ['email', 'groups', 'email_verified'])
})
