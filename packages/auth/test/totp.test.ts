import { URI } from 'otpauth'
import t from 'tap'
import { seededRandom } from '@reliw/testing'
import { checkTotp, newTotpSecret, totpUri } from '../src/totp/totp.ts'

/** `12345678901234567890`, the SHA-1 key of RFC 6238, appendix B. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const STEP = 30_000

/** RFC 6238, appendix B: seconds, and the last six of the eight digits. */
const VECTORS: readonly (readonly [seconds: number, code: string])[] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130']
]

t.test('the vectors of RFC 6238 are accepted, each as its own time step', async (t) => {
  for (const [seconds, code] of VECTORS) {
    t.equal(checkTotp(SECRET, code, seconds * 1_000), Math.floor(seconds / 30), code)
  }
})

t.test('the vectors of RFC 4226 are accepted at their counters', async (t) => {
  const codes = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ')
  for (const [counter, code] of codes.entries()) {
    t.equal(checkTotp(SECRET, code, counter * STEP), counter, code)
  }
})

t.test('a code is right from one step before its own to the end of the next', async (t) => {
  for (const [seconds, code] of VECTORS) {
    const step = Math.floor(seconds / 30)
    const accepted = (now: number): number | undefined => checkTotp(SECRET, code, now)
    t.equal(accepted((step - 1) * STEP - 1), undefined, `${code} two steps early`)
    t.equal(accepted((step - 1) * STEP), step, `${code} one step early`)
    t.equal(accepted(step * STEP), step)
    t.equal(accepted((step + 2) * STEP - 1), step, `${code} at the end of the next step`)
    t.equal(accepted((step + 2) * STEP), undefined, `${code} two steps late`)
  }
})

t.test(
  'the step is the same whenever the code is presented, so that a replay can be detected',
  async (t) => {
    const steps = [-STEP, -1, 0, 1, STEP].map((shift) => checkTotp(SECRET, '279037', 2e12 + shift))
    t.same(new Set(steps), new Set([Math.floor(2e12 / STEP)]))
  }
)

t.test('of two steps with one code the later counts', async (t) => {
  // Found by search: steps 50,424,280 and 50,424,281 have the same code.
  const step = 50_424_281
  for (const now of [step - 1, step, step + 1]) {
    t.equal(checkTotp(SECRET, '070562', now * STEP), step, `at step ${now}`)
  }
  t.equal(checkTotp(SECRET, '070562', (step - 2) * STEP), step - 1, 'while only the first is near')
})

t.test('blanks in a code do not count, everything else does', async (t) => {
  const now = 59_000
  for (const code of [
    '287082',
    '287 082',
    ' 2 8 7 0 8 2 ',
    '287\u00A0082',
    '287082\r\n',
    '\t287082'
  ]) {
    t.equal(checkTotp(SECRET, code, now), 1, JSON.stringify(code))
  }
  const wrong = [
    '',
    ' ',
    '28708',
    '2870822',
    '94287082',
    '087082',
    '287083',
    '-287082',
    '+287082',
    '287082.0',
    '0x4616a',
    '287-082',
    '28708a',
    '２８７０８２',
    '٢٨٧٠٨٢',
    '287082\0',
    '287082\n287082',
    `${' '.repeat(1_000_000)}287082`,
    '2'.repeat(1_000_000)
  ]
  for (const code of wrong) {
    t.equal(checkTotp(SECRET, code, now), undefined, JSON.stringify(code.slice(0, 30)))
  }
})

t.test('a secret may be in lower case, in groups and padded', async (t) => {
  const grouped = SECRET.toLowerCase().replace(/(.{4})/g, '$1 ')
  for (const secret of [SECRET, SECRET.toLowerCase(), grouped, `${SECRET}======`]) {
    t.equal(checkTotp(secret, '287082', 59_000), 1, secret)
  }
})

t.test('with what is no secret no code is right, the code of an empty key neither', async (t) => {
  const wrong = [
    '',
    ' ',
    '=',
    '======',
    'AAAA',
    'GEZDGNBVGY3TQOJ',
    SECRET.replace('G', '1'),
    SECRET.replace('G', '0'),
    `${SECRET}!`,
    `${SECRET}=A`,
    `${SECRET}=======`,
    'not base32 at all, is it?',
    'é'.repeat(32),
    '\ud800'.repeat(32),
    'A'.repeat(129),
    'A'.repeat(1_000_000)
  ]
  // 328482 is what an empty key gives at the first step, 812658 at the second (HMAC-SHA-1).
  for (const secret of wrong) {
    for (const code of ['287082', '328482', '812658', '000000']) {
      t.equal(checkTotp(secret, code, 0), undefined, JSON.stringify(secret.slice(0, 40)))
    }
  }
})

t.test('a clock that is off the scale accepts nothing', async (t) => {
  for (const now of [Number.NaN, Infinity, -Infinity, -1e12, Number.MAX_VALUE]) {
    t.equal(checkTotp(SECRET, '287082', now), undefined, `${now}`)
  }
  t.equal(checkTotp(SECRET, '755224', -1), 0, 'the first step of all, one step early')
})

t.test('garbage is never accepted and never throws', async (t) => {
  const random = seededRandom(t)
  let accepted = 0
  for (let i = 0; i < 2_000; i += 1) {
    const text = String.fromCharCode(
      ...Array.from({ length: i % 40 }, () => random.below(0x1_0000))
    )
    if (checkTotp(text, '287082', 59_000) !== undefined) accepted += 1
    if (checkTotp(SECRET, text, 59_000) !== undefined) accepted += 1
  }
  t.equal(accepted, 0)
})

t.test('new secrets have 160 bits of base32, and no two are the same', async (t) => {
  const secrets = Array.from({ length: 1_000 }, () => newTotpSecret())
  t.equal(new Set(secrets).size, secrets.length)
  t.ok(secrets.every((secret) => /^[A-Z2-7]{32}$/.test(secret)))
})

t.test('a code made for a new secret is right with it, and with no other', async (t) => {
  const secret = newTotpSecret()
  const otp = URI.parse(totpUri(secret, 'alice', 'example.com'))
  const code = otp.generate()
  t.type(checkTotp(secret, code), 'number')
  t.equal(checkTotp(`${SECRET.slice(0, -1)}A`, '287082', 59_000), undefined)
})

t.test('the URI has all parameters, whatever the names are', async (t) => {
  t.equal(
    totpUri(SECRET, 'alice@example.com', 'example.com'),
    `otpauth://totp/example.com:alice%40example.com?issuer=example.com&secret=${SECRET}` +
      '&algorithm=SHA1&digits=6&period=30'
  )
  for (const [user, issuer] of [
    ['a&secret=AAAA', 'x?digits=1&y'],
    ['a b/ü#', '2001:db8::1'],
    ['a:b', 'a.example:8080'],
    ['\ud800', '\udfff']
  ] as const) {
    const otp = URI.parse(totpUri(SECRET, user, issuer))
    t.equal(otp.label, user.toWellFormed())
    t.equal(otp.issuer, issuer.replaceAll(':', '-').toWellFormed())
    t.equal(otp.secret.base32, SECRET)
    t.match(otp, { algorithm: 'SHA1', digits: 6, period: 30 })
  }
})

t.test('no URI is made of what is no secret', async (t) => {
  t.throws(() => totpUri('not base32!', 'alice', 'example.com'), TypeError)
})
