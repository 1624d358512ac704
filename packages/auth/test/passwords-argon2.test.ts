import { argon2Sync } from 'node:crypto'
import { seededRandom } from '@reliw/testing'
import t from 'tap'
import { hashPassword, matchesHash, needsRehash } from '../src/passwords/argon2.ts'
import { formatPhc, parsePhc, type Argon2Hash } from '../src/passwords/phc.ts'

/** Of the reference implementation's own tests; all of 'password'. */
const REFERENCE = [
  '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc',
  '$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8',
  '$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E'
]
const [, CHEAP = ''] = REFERENCE
const SALT = 'c29tZXNhbHQ'
const TAG = 'nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'

function phcOf({
  start = '$argon2id$v=19',
  terms = 'm=256,t=2,p=1',
  salt = SALT,
  tag = TAG
}): string {
  return `${start}$${terms}$${salt}$${tag}`
}

function base64Of(length: number): string {
  return Buffer.alloc(length, 7).toString('base64').replaceAll('=', '')
}

function read(phc: string): Argon2Hash {
  const hash = parsePhc(phc)
  if (hash === undefined) throw new Error(`cannot be read: ${phc}`)
  return hash
}

t.test("Node's Argon2id is that of RFC 9106, section 5.3", async (t) => {
  const tag = argon2Sync('argon2id', {
    message: Buffer.alloc(32, 1),
    nonce: Buffer.alloc(16, 2),
    secret: Buffer.alloc(8, 3),
    associatedData: Buffer.alloc(12, 4),
    memory: 32,
    passes: 3,
    parallelism: 4,
    tagLength: 32
  })
  const expected = '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659'
  t.equal(tag.toString('hex'), expected)
})

for (const phc of REFERENCE) {
  t.test(`a hash made elsewhere is read, checked and written again: ${phc}`, async (t) => {
    const hash = read(phc)
    t.equal(formatPhc(hash), phc)
    t.ok(await matchesHash(hash, 'password'))
    t.notOk(await matchesHash(hash, 'sassword'))
  })
}

t.test(
  'a hash has our parameters and a salt of its own, and matches its password only',
  async (t) => {
    const [one, two] = [await hashPassword('pässwörd'), await hashPassword('pässwörd')]
    const form = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z\d+/]{22}\$[A-Za-z\d+/]{43}$/
    for (const phc of [one, two]) {
      t.match(phc, form)
      t.ok(await matchesHash(read(phc), 'pässwörd'))
      t.notOk(await matchesHash(read(phc), 'passwörd'))
      t.notOk(needsRehash(read(phc)))
    }
    t.not(read(one).salt.toString(), read(two).salt.toString())
  }
)

t.test('the bytes of a password count: its Unicode forms differ', async (t) => {
  const hash = read(await hashPassword('é'.normalize('NFC')))
  t.notOk(await matchesHash(hash, 'é'.normalize('NFD')))
})

t.test('a hash is read up to the bounds of its parameters, and not beyond', async (t) => {
  const inside = [
    { terms: 'm=262144,t=10,p=4' },
    { terms: 'm=8,t=1,p=1' },
    { terms: 'm=32,t=1,p=4' },
    { salt: base64Of(8), tag: base64Of(16) },
    { salt: base64Of(64), tag: base64Of(64) },
    { start: '$argon2d$v=19' }
  ]
  const outside = [
    { terms: 'm=262145,t=1,p=1' },
    { terms: 'm=4294967296,t=1,p=1' },
    { terms: 'm=256,t=11,p=1' },
    { terms: 'm=256,t=1,p=5' },
    { terms: 'm=7,t=1,p=1' },
    { terms: 'm=31,t=1,p=4' },
    { terms: 'm=256,t=0,p=1' },
    { terms: 'm=256,t=1,p=0' },
    { salt: base64Of(7) },
    { salt: base64Of(65) },
    { tag: base64Of(15) },
    { tag: base64Of(65) }
  ]
  for (const parts of inside) t.ok(parsePhc(phcOf(parts)), phcOf(parts))
  for (const parts of outside) t.equal(parsePhc(phcOf(parts)), undefined, phcOf(parts))
})

t.test('what is not exactly a PHC string of Argon2 version 19 is not read', async (t) => {
  const others = [
    '',
    '$',
    CHEAP.slice(1),
    ` ${CHEAP}`,
    `${CHEAP}\n`,
    `${CHEAP}$`,
    `${CHEAP}=`,
    phcOf({ start: '$argon2id' }),
    phcOf({ start: '$argon2id$v=16' }),
    phcOf({ start: '$argon2ds$v=19' }),
    phcOf({ start: '$ARGON2ID$v=19' }),
    phcOf({ terms: 't=2,m=256,p=1' }),
    phcOf({ terms: 'm=256,t=2' }),
    phcOf({ terms: 'm=256,t=2,p=1,keyid=abcd' }),
    phcOf({ terms: 'm=0256,t=2,p=1' }),
    phcOf({ terms: 'm=-256,t=2,p=1' }),
    phcOf({ terms: 'm=1e3,t=2,p=1' }),
    phcOf({ terms: 'm=256,t=2,p=1 ' }),
    phcOf({ salt: `${SALT}=` }),
    phcOf({ salt: 'c29tZXNhbHR' }),
    phcOf({ salt: `${SALT}AA` }),
    phcOf({ tag: TAG.replace('/', '_') }),
    phcOf({ tag: TAG.replace('/', '-') }),
    '$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234'
  ]
  for (const other of others) t.equal(parsePhc(other), undefined, JSON.stringify(other))
})

t.test(
  '2,000 corrupted hashes: none throws, exceeds the limits, or matches the password',
  async (t) => {
    const random = seededRandom(t)
    let [readable, corrupted] = [0, 0]
    for (let i = 0; i < 2_000; i++) {
      const text = random.mutate(CHEAP, REFERENCE)
      const hash = parsePhc(text)
      if (text === CHEAP || hash === undefined) corrupted++
      else {
        readable++
        if (formatPhc(hash) !== text || !isBounded(hash)) t.fail(JSON.stringify(text))
        if (hash.memory <= 4_096 && (await matchesHash(hash, 'password')))
          t.fail(JSON.stringify(text))
      }
    }
    t.ok(readable > 0 && corrupted > 0, `${readable} could be read, ${corrupted} could not`)
  }
)

t.test('a hash is made anew when any of its parameters is weaker than ours', async (t) => {
  const ours = { terms: 'm=19456,t=2,p=1', salt: base64Of(16), tag: base64Of(32) }
  const weaker = [
    { terms: 'm=19455,t=2,p=1' },
    { terms: 'm=65536,t=1,p=4' },
    { salt: base64Of(15) },
    { tag: base64Of(31) },
    { start: '$argon2i$v=19' },
    { start: '$argon2d$v=19' }
  ]
  const stronger = [
    {},
    { terms: 'm=65536,t=3,p=4' },
    { terms: 'm=19456,t=2,p=2' },
    { salt: base64Of(32), tag: base64Of(64) }
  ]
  for (const parts of weaker) t.ok(needsRehash(read(phcOf({ ...ours, ...parts }))))
  for (const parts of stronger) t.notOk(needsRehash(read(phcOf({ ...ours, ...parts }))))
})

function isBounded({ memory, passes, parallelism, salt, tag }: Argon2Hash): boolean {
  const isCheap = memory <= 262_144 && passes <= 10 && parallelism <= 4
  const isLongEnough = memory >= 8 * parallelism && salt.length >= 8 && tag.length >= 16
  return isCheap && isLongEnough && salt.length <= 64 && tag.length <= 64
}
