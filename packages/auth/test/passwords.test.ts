import { createHook } from 'node:async_hooks'
import { createHmac } from 'node:crypto'
import { seededRandom } from '@reliw/testing'
import t, { type Test } from 'tap'
import { Busy, PasswordTooLong } from '../src/errors.ts'
import { hashPassword } from '../src/passwords/argon2.ts'
import { Passwords, type StoredPassword } from '../src/passwords/verify.ts'
import { WorkQueue } from '../src/passwords/work-queue.ts'

const PASSWORD = 'correct hörse'
const WEAK = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'
const OURS = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/

function hmacUser(password = PASSWORD, salt = 'pepper & sält'): StoredPassword {
  return { pass: createHmac('sha256', salt).update(password).digest('hex'), salt }
}

/** Counts the Argon2 jobs that Node itself is given. */
function countHashes(t: Test): () => number {
  let count = 0
  const hook = createHook({
    init(_id, type) {
      if (type === 'ARGON2REQUEST') count++
    }
  }).enable()
  t.teardown(() => hook.disable())
  return () => count
}

t.test('a user with an argon2 hash gets in with the right password only', async (t) => {
  const passwords = new Passwords()
  const user = { pass: await passwords.hash(PASSWORD) }
  t.strictSame(await passwords.verify(user, PASSWORD), { ok: true })
  for (const wrong of ['', 'Correct hörse', `${PASSWORD} `, 'correct ho\u0308rse']) {
    t.strictSame(await passwords.verify(user, wrong), { ok: false }, wrong)
  }
})

t.test('a user with an HMAC gets in, and gets a hash of the same password', async (t) => {
  const passwords = new Passwords()
  const { pass, salt } = hmacUser()
  for (const user of [{ pass, salt }, { pass: pass.toUpperCase(), salt }, hmacUser(PASSWORD, '')]) {
    const { ok, upgrade = '' } = await passwords.verify(user, PASSWORD)
    t.ok(ok)
    t.match(upgrade, OURS)
    t.strictSame(await passwords.verify({ pass: upgrade }, PASSWORD), { ok: true })
    t.strictSame(await passwords.verify({ pass: upgrade }, 'other'), { ok: false })
  }
})

t.test('a user with an HMAC does not get in with another password or salt', async (t) => {
  const passwords = new Passwords()
  const user = hmacUser()
  t.strictSame(await passwords.verify(user, 'other'), { ok: false })
  t.strictSame(await passwords.verify(user, user.pass), { ok: false })
  t.strictSame(await passwords.verify({ ...user, salt: 'other' }, PASSWORD), { ok: false })
})

t.test('a weak hash is replaced when the password was right', async (t) => {
  const passwords = new Passwords()
  const { ok, upgrade = '' } = await passwords.verify({ pass: WEAK }, 'password')
  t.ok(ok)
  t.match(upgrade, OURS)
  t.strictSame(await passwords.verify({ pass: upgrade }, 'password'), { ok: true })
  t.strictSame(await passwords.verify({ pass: WEAK }, 'sassword'), { ok: false })
})

t.test('a login succeeds even if the upgrade finds the queue full', async (t) => {
  const queue = new WorkQueue(1, 1)
  const decision = new Passwords(queue).verify({ pass: WEAK }, 'password')
  const last = Promise.withResolvers<void>()
  let later: Promise<void> | undefined
  // Takes the place of the check, and has the only place to wait taken at once.
  const next = queue.run(async () => {
    later = queue.run(async () => {})
    await last.promise
  })
  t.strictSame(await decision, { ok: true })
  last.resolve()
  await next
  await later
})

t.test('every refusal, and a right HMAC, cost exactly one argon2 hash', async (t) => {
  const queue = new WorkQueue()
  const passwords = new Passwords(queue)
  const pass = await hashPassword(PASSWORD)
  const user = hmacUser()
  const long = 'x'.repeat(1_025)
  const cases: [string, StoredPassword | undefined, string, boolean][] = [
    ['unknown user', undefined, PASSWORD, false],
    ['unknown user again', undefined, PASSWORD, false],
    ['wrong HMAC', user, 'other', false],
    ['wrong argon2', { pass }, 'other', false],
    ['unreadable pass', { pass: 'secret' }, 'secret', false],
    ['HMAC without salt', { pass: user.pass }, PASSWORD, false],
    ['unknown user, too long', undefined, long, false],
    ['right HMAC, too long', hmacUser(long), long, false],
    ['right argon2, too long', { pass: await hashPassword(long) }, long, false],
    ['right argon2', { pass }, PASSWORD, true],
    ['right HMAC', user, PASSWORD, true]
  ]
  const hashes = countHashes(t)
  for (const [title, user, password, ok] of cases) {
    const [started, hashed] = [queue.started, hashes()]
    t.equal((await passwords.verify(user, password)).ok, ok, title)
    t.strictSame([queue.started - started, hashes() - hashed], [1, 1], title)
  }
})

t.test('1,024 bytes are the most that a password may have', async (t) => {
  const passwords = new Passwords()
  const longest = 'é'.repeat(512)
  t.strictSame(await passwords.verify({ pass: await passwords.hash(longest) }, longest), {
    ok: true
  })
  t.equal((await passwords.verify(hmacUser(longest), longest)).ok, true)
  for (const longer of [`${longest}x`, 'x'.repeat(1_025), 'x'.repeat(5_000_000)]) {
    t.equal((await passwords.verify(hmacUser(longer), longer)).ok, false)
    await t.rejects(passwords.hash(longer), PasswordTooLong)
  }
})

t.test('a password that is too long is not taken for an empty one', async (t) => {
  const passwords = new Passwords()
  const long = 'x'.repeat(1_025)
  t.equal((await passwords.verify({ pass: await passwords.hash('') }, '')).ok, true)
  t.equal((await passwords.verify({ pass: await passwords.hash('') }, long)).ok, false)
  t.equal((await passwords.verify(hmacUser(''), long)).ok, false)
})

t.test('a corrupted pass matches no password', async (t) => {
  const random = seededRandom(t)
  const passwords = new Passwords()
  const { pass, salt } = hmacUser('password')
  const corrupted = ['', '$', pass.slice(1), `${pass}0`, `${pass}\n`, pass.replace(/./, 'g')]
  while (corrupted.length < 60)
    corrupted.push(random.mutate(random.pick([WEAK, pass]), [WEAK, pass]))
  for (const text of corrupted) {
    if (text === WEAK || text.toLowerCase() === pass) continue
    const { ok } = await passwords.verify({ pass: text, salt }, 'password')
    t.notOk(ok, JSON.stringify(text))
  }
})

t.test('a full queue rejects with Busy, even with a right password', async (t) => {
  const queue = new WorkQueue(1, 0)
  const passwords = new Passwords(queue)
  const last = Promise.withResolvers<void>()
  const running = queue.run(() => last.promise)
  for (const user of [undefined, hmacUser(), { pass: WEAK }]) {
    await t.rejects(passwords.verify(user, PASSWORD), Busy)
  }
  await t.rejects(passwords.hash(PASSWORD), Busy)
  last.resolve()
  await running
})
