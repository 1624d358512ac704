import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { Keyspace, type Store } from '@reliw/model'
import type { FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import type { Caller } from '../src/caller.ts'
import { checkPassword } from '../src/check-password.ts'
import { Busy } from '../src/errors.ts'
import { type Attempt, LoginWaits } from '../src/login/login-waits.ts'
import type { Parts } from '../src/parts.ts'
import { MemoryKeys } from '../src/sessions/memory-keys.ts'
import { Browser } from './browser.ts'
import { basic } from './credentials.ts'
import { failMany } from './failed-attempts.ts'
import { KINDS, openStoreOf, putUsers } from './open-stores.ts'
import { HOST, startApp } from './start-app.ts'
import { userOf } from './stored-users.ts'
import { code, TOTP_SECRET, wrongCode } from './totp-codes.ts'

/** Failures on one user, from everywhere, that slow nobody. */
const FREE_OF_USER = 20
const ATTACKER = '203.0.113.1'
const HOME = '192.0.2.1'
const ELSEWHERE = '198.51.100.1'

const addressOf = ({ headers }: FastifyRequest) => ({
  clientIp: headers['x-address']?.toString() ?? HOME
})

interface Setup {
  store: Store
  /** Posts a login form as a program does. */
  logIn: (password: string, address: string, login?: string) => Promise<Seen>
  /** Asks by Basic. */
  send: (password: string, address: string) => Promise<Seen>
  /** Shows the password, then a code. */
  show: (code: string, address: string) => Promise<Seen>
}

interface Seen {
  status: number
  /** Retry-After, in seconds; 0: there is none. */
  wait: number
}

const seen = ({ status, headers }: { status: number; headers: Headers }): Seen => ({
  status,
  wait: Number(headers.get('retry-after') ?? 0)
})

async function start(t: Test, kind: (typeof KINDS)[number] = 'embedded'): Promise<Setup> {
  const { store } = await openStoreOf(t, kind)
  await putUsers(store, {
    ada: await userOf('pw'),
    cy: await userOf('pw', { totp: TOTP_SECRET })
  })
  const rules = { '/basic': { any: ['basic' as const] } }
  const { origin } = await startApp(t, { store }, rules, addressOf)
  return {
    store,
    async logIn(password, address, login = 'ada') {
      const form = { login, password }
      const headers = { 'x-address': address }
      return seen(await new Browser(origin).visit('/login', { form, headers }))
    },
    async send(password, address) {
      const headers = { 'x-address': address, ...basic('ada', password) }
      return seen(await new Browser(origin).visit('/basic', { headers }))
    },
    async show(shown, address) {
      const browser = new Browser(origin)
      const headers = { 'x-address': address }
      const page = await browser.visit('/login', { form: { login: 'cy', password: 'pw' }, headers })
      return seen(await browser.submit(page, { code: shown }, headers))
    }
  }
}

/** Has the clock go on as long as the client was told to wait, and asks again. */
async function retry(t: Test, first: Seen, again: () => Promise<Seen>): Promise<Seen> {
  const real = Date.now
  Date.now = () => real() + first.wait * 1000
  t.teardown(() => void (Date.now = real))
  return again()
}

/** Many addresses failed with a user. */
const underAttack = (store: Store, user = 'ada', kind: 'password' | 'code' = 'password') =>
  failMany(store, 'user', { user, kind })

for (const kind of KINDS) {
  t.test(`a client that guesses from one address locks nobody else out (${kind})`, async (t) => {
    const { store, logIn, send } = await start(t, kind)
    await failMany(store, 'both', { user: 'ada', clientIp: ATTACKER })
    for (let n = 0; n < 40; n++) {
      const { status } = await logIn('wrong', ATTACKER)
      t.ok(status === 401 || status === 429)
      if (n % 10 === 0) t.equal((await logIn('pw', `192.0.2.${n}`)).status, 303)
    }
    t.equal((await logIn('pw', ATTACKER)).status, 429)
    t.equal((await send('pw', ELSEWHERE)).status, 200)
  })
}

t.test('a user whom many addresses guess at comes in from where she was before', async (t) => {
  const { store, logIn, send } = await start(t)
  t.equal((await logIn('pw', '2001:db8::1')).status, 303)
  t.equal((await send('pw', ELSEWHERE)).status, 200)
  await underAttack(store)
  t.equal((await logIn('pw', '2001:db8::2')).status, 303, 'an address of the same network')
  t.equal((await logIn('pw', ELSEWHERE)).status, 303, 'known by Basic credentials')
  t.equal((await logIn('pw', '192.0.2.9')).status, 429, 'a strange one')
  t.equal((await logIn('wrong', '192.0.2.9', 'bob')).status, 401, 'others are not meant')
})

t.test('a user whom many addresses guess at comes in from elsewhere after seconds', async (t) => {
  const { store, logIn } = await start(t)
  await underAttack(store)
  const first = await logIn('pw', ELSEWHERE)
  t.equal(first.status, 429)
  t.ok(first.wait >= 1 && first.wait <= 5, `${first.wait}`)
  await Promise.all(Array.from({ length: 30 }, (_, n) => logIn('wrong', `203.0.113.${n}`)))
  t.equal((await retry(t, first, () => logIn('pw', ELSEWHERE))).status, 303)
  t.equal((await logIn('pw', ELSEWHERE)).status, 303, 'it is known now')
})

t.test('the guesses of many unknown addresses are checked no sooner', async (t) => {
  const { logIn } = await start(t)
  const guesses = Array.from({ length: 50 }, (_, n) => logIn('wrong', `203.0.113.${n}`))
  const statuses = (await Promise.all(guesses)).map(({ status }) => status)
  t.equal(statuses.filter((status) => status === 401).length, FREE_OF_USER)
  t.equal(statuses.filter((status) => status === 429).length, 50 - FREE_OF_USER)
})

t.test('a known address does not evade its own delay', async (t) => {
  const { store, logIn } = await start(t)
  t.equal((await logIn('pw', HOME)).status, 303)
  await failMany(store, 'both', { user: 'ada', clientIp: HOME })
  t.equal((await logIn('wrong', HOME)).status, 401)
  t.equal((await logIn('pw', HOME)).status, 429)
})

t.test('codes: the address waits, and unknown ones take turns', async (t) => {
  const { store, show } = await start(t)
  t.equal((await show(code(), HOME)).status, 303)
  await failMany(store, 'both', { user: 'cy', kind: 'code', clientIp: ATTACKER })
  t.equal((await show(wrongCode(), ATTACKER)).status, 401)
  t.equal((await show(code(1), ATTACKER)).status, 429)
  await underAttack(store, 'cy', 'code')
  t.equal((await show(wrongCode(), '203.0.113.7')).status, 401)
  const second = await show(code(1), '203.0.113.8')
  t.equal(second.status, 429)
  t.ok(second.wait <= 60)
  t.equal((await show(code(1), HOME)).status, 303, 'where the whole login was made before')
})

t.test('the password alone makes no address known for the code', async (t) => {
  const { store, show } = await start(t)
  t.equal((await show(wrongCode(), ATTACKER)).status, 401)
  await underAttack(store, 'cy', 'code')
  t.equal((await show(wrongCode(), ELSEWHERE)).status, 401, 'takes the turn')
  t.equal((await show(code(), ATTACKER)).status, 429)
})

t.test('what one address shows leaves few keys, and short ones', async (t) => {
  const { store, logIn } = await start(t)
  for (let n = 0; n < 300; n++) await logIn('x', ATTACKER, `${'n'.repeat(200)}${n}`)
  const keys: string[] = []
  for await (const batch of store.driver.keys('RLW:LIMITS:')) keys.push(...batch)
  t.ok(keys.length < 100, `${keys.length} keys`)
  t.ok(keys.every((key) => key.length < 120))
  for (const key of keys) t.ok(((await store.driver.ttl(key)) ?? Infinity) <= 3_600_000, key)
})

/** Waits over a store in memory, by a clock that goes on when it is told to. */
function startWaits(t: Test): { waits: LoginWaits; tick: (ms: number) => void } {
  const real = Date.now
  let now = real()
  Date.now = () => now
  t.teardown(() => void (Date.now = real))
  const waits = new LoginWaits(new Keyspace('RLW'), new MemoryKeys())
  return { waits, tick: (ms) => void (now += ms) }
}

/** Many addresses fail once each. */
async function failFromElsewhere(waits: LoginWaits, kind: Attempt['kind']): Promise<void> {
  for (let n = 0; n < FREE_OF_USER + 5; n++) {
    await waits.begin({ ...from(n), kind, clientIp: `203.0.113.${n}` })
  }
}

t.test('an unknown address waits no longer than announced', async (t) => {
  const { waits, tick } = startWaits(t)
  await failFromElsewhere(waits, 'password')
  let judged = 0
  for (let attempts = 0; judged < 15; attempts++) {
    const wait = await waits.begin(from(1))
    if (wait === 0) judged++
    tick(wait)
    if (attempts > 50) break
  }
  t.equal(judged, 15)
  const wait = await waits.begin(from(1))
  t.not(wait, 0)
  tick(wait)
  t.equal(await waits.begin(from(1)), 0)
})

t.test('with ever new addresses fewer than a hundred codes an hour are checked', async (t) => {
  const { waits, tick } = startWaits(t)
  let judged = 0
  for (let second = 0; second < 3600; second++) {
    const clientIp = `203.0.${second % 3}.${second % 200}`
    if ((await waits.begin({ ...from(1), kind: 'code', clientIp })) === 0) judged++
    tick(1000)
  }
  t.ok(judged > FREE_OF_USER && judged < 100, `${judged}`)
})

t.test('a user with a known address does not wait for others who share it', async (t) => {
  const { waits, tick } = startWaits(t)
  const other = { ...from(1), user: 'bob' }
  t.equal(await waits.begin(from(1)), 0)
  await waits.end(from(1), true)
  for (let n = 0; n < 60; n++) {
    await waits.begin({ ...from(1), user: `user${n}` })
    tick(n < 40 ? (15 * 60_000) / 20 : 0)
  }
  t.not(await waits.begin(other), 0)
  for (let n = 0; n < 40; n++) {
    t.equal(await waits.begin(from(1)), 0)
    await waits.end(from(1), true)
  }
  t.not(await waits.begin(other), 0, 'logging in as oneself gives others no turn')
  let free = 0
  while ((await waits.begin(from(1))) === 0 && free < 20) free++
  t.equal(free, 6, 'its own failures at the user do make it wait')
})

const from = (n: number) =>
  ({ host: HOST, user: 'ada', kind: 'password', clientIp: `192.0.2.${n}` }) as const

t.test('of one user sixteen addresses are remembered, the last ones', async (t) => {
  const { store } = await start(t)
  const waits = new LoginWaits(store.keys, store.driver)
  for (let n = 0; n < 40; n++) {
    t.equal(await waits.begin(from(n)), 0)
    await waits.end(from(n), true)
  }
  await underAttack(store)
  t.equal(await waits.begin(from(24)), 0)
  t.not(await waits.begin(from(23)), 0)
})

t.test('an address is remembered from its last login, and counts as the newest then', async (t) => {
  const { waits, tick } = startWaits(t)
  const day = 24 * 60 * 60 * 1000
  const logIn = (n: number) => waits.end(from(n), true)
  await logIn(1)
  tick(60 * day)
  await logIn(1)
  tick(60 * day)
  await failFromElsewhere(waits, 'password')
  t.equal(await waits.begin(from(1)), 0, 'after 120 days')
  for (let n = 2; n <= 20; n++) {
    await logIn(n)
    await logIn(1)
  }
  t.equal(await waits.begin(from(1)), 0, 'after 19 other addresses')
})

const refuseAsBusy = () => Promise.reject(new Busy())

t.test('a password that nobody had time to check is no failure', async (t) => {
  const { waits } = startWaits(t)
  const user = { pass: '', groups: [], disabled: false }
  const parts = { findUser: () => user, passwords: { verify: refuseAsBusy }, guard: { waits } }
  const raw = new ServerResponse(new IncomingMessage(new Socket()))
  const caller = { host: HOST, clientIp: HOME, reply: { raw } }
  const given = { name: 'ada', password: 'pw' }
  for (let n = 0; n < 50; n++) {
    const checked = checkPassword(parts as unknown as Parts, caller as unknown as Caller, given)
    await t.rejects(checked, Busy)
  }
  t.equal(await waits.begin({ host: HOST, clientIp: HOME, user: 'ada', kind: 'password' }), 0)
})
