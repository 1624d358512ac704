import type { Store } from '@reliw/model'
import { type RedisServer, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { hashToken, newToken } from '../src/token.ts'
import { markOfPassword } from '../src/users.ts'
import { Browser } from './browser.ts'
import { KINDS, keysOf, openStoreOf, putAuth, putSession, putUsers } from './open-stores.ts'
import { HOST, startApp } from './start-app.ts'
import { userOf } from './stored-users.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

interface Setup {
  store: Store
  browser: Browser
  redis: RedisServer | undefined
  /** Gives the browser a session of that age, whose key lasts that long. */
  hold: (age: number, left: number) => Promise<void>
  /** How long its key lasts. */
  left: () => Promise<number>
  isIn: () => Promise<boolean>
}

async function start(t: Test, kind: (typeof KINDS)[number], auth: object): Promise<Setup> {
  const { store, redis } = await openStoreOf(t, kind)
  const ada = await userOf('pw')
  await putUsers(store, { ada })
  await putAuth(store, { ...auth })
  const { origin } = await startApp(t, { store })
  const browser = new Browser(origin)
  const token = newToken()
  return {
    store,
    redis,
    browser,
    async hold(age, left) {
      const session = { user: 'ada', created: Date.now() - age, check: markOfPassword(ada.pass) }
      await putSession(store, token, session, left)
      browser.cookies.set('rlw_session_token', token)
    },
    left: async () => (await store.driver.ttl(store.keys.session(HOST, hashToken(token)))) ?? 0,
    isIn: async () => (await browser.visit('/private')).status === 200
  }
}

for (const kind of KINDS) {
  t.test(`a session lasts for its time, and is gone with its key (${kind})`, async (t) => {
    const { store, browser } = await start(t, kind, { session_ttl: '1s' })
    await browser.logIn('ada', 'pw')
    const [key = ''] = await keysOf(store, 'SESSIONS')
    t.ok(((await store.driver.ttl(key)) ?? Infinity) <= 1000)
    await waitFor(async () => (await store.driver.get(key)) === undefined, 'its end')
    t.equal((await browser.visit('/private')).status, 302)
  })

  t.test(`a session that is used goes on (${kind})`, async (t) => {
    const { hold, left, isIn } = await start(t, kind, { session_ttl: '1h' })
    await hold(20 * MINUTE, 40 * MINUTE)
    t.ok(await isIn())
    await waitFor(async () => (await left()) > 59 * MINUTE, 'the time that it is given')
    t.ok((await left()) <= HOUR)
    t.ok(await isIn())
  })

  t.test(`a session ends some time after its login, used or not (${kind})`, async (t) => {
    const times = { session_ttl: '1h', session_max_age: '2h' }
    const { hold, left, isIn } = await start(t, kind, times)
    await hold(HOUR + 50 * MINUTE, 5 * MINUTE)
    t.ok(await isIn())
    await waitFor(async () => (await left()) > 9 * MINUTE, 'the time that it is given')
    t.ok((await left()) < 11 * MINUTE, 'no more than is left of its two hours')
    await hold(2 * HOUR, HOUR)
    t.notOk(await isIn(), 'though its key is still there')
  })
}

t.test('a login that may last less than a session lasts that long', async (t) => {
  const times = { session_ttl: '3h', session_max_age: '1h' }
  const { store, browser } = await start(t, 'embedded', times)
  await browser.logIn('ada', 'pw')
  const [key = ''] = await keysOf(store, 'SESSIONS')
  t.ok(((await store.driver.ttl(key)) ?? Infinity) <= HOUR)
})

t.test('a session may go on for ever, where a site wants that', async (t) => {
  const times = { session_ttl: '1h', session_max_age: 0 }
  const { hold, left, isIn } = await start(t, 'embedded', times)
  await hold(10_000 * HOUR, MINUTE)
  t.ok(await isIn())
  await waitFor(async () => (await left()) > 59 * MINUTE, 'the time that it is given')
})

t.test('what a site says of times holds for the sessions that there are', async (t) => {
  const { store, hold, isIn } = await start(t, 'embedded', { session_max_age: '30d' })
  await hold(2 * HOUR, HOUR)
  t.ok(await isIn())
  await putAuth(store, { session_max_age: '1h' })
  t.notOk(await isIn())
})

t.test('that a session goes on is written seldom, and once', async (t) => {
  const { redis, hold, left, isIn } = await start(t, 'redis', { session_ttl: '1h' })
  const written = async (): Promise<number> => {
    const stats = String(await redis?.command('INFO', 'commandstats'))
    return Number(/cmdstat_pexpire:calls=(\d+)/.exec(stats)?.[1] ?? 0)
  }
  await hold(MINUTE, 58 * MINUTE)
  for (let n = 0; n < 5; n++) t.ok(await isIn())
  t.equal(await written(), 0, 'not in the first twentieth of its time')
  await hold(MINUTE, 50 * MINUTE)
  t.same(new Set(await Promise.all(Array.from({ length: 20 }, isIn))), new Set([true]))
  await waitFor(async () => (await left()) > 59 * MINUTE, 'the time that it is given')
  t.ok(await isIn())
  t.equal(await written(), 1)
})
