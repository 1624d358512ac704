import type { Store } from '@reliw/model'
import type { FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import { Browser } from './browser.ts'
import { failMany } from './failed-attempts.ts'
import { KINDS, openStoreOf, putUsers } from './open-stores.ts'
import { HOST, type RunningApp, startApp } from './start-app.ts'
import { userOf } from './stored-users.ts'

/** Failures of a user, and of an address, that cost nothing. */
const FREE = 5
const FREE_OF_ADDRESS = 20

/** Where clients of these tests say they are. */
const addressOf = ({ headers }: FastifyRequest) => ({
  clientIp: headers['x-address']?.toString() ?? '192.0.2.1'
})

async function start(t: Test, store?: Store): Promise<RunningApp> {
  const users = { ada: await userOf('pw'), bob: await userOf('pw') }
  if (store !== undefined) await putUsers(store, users)
  const options = store === undefined ? { users } : { store }
  return startApp(t, options, {}, addressOf)
}

/** Logs in as a program does, and resolves to the status. */
async function attempt(origin: string, login: string, password: string, address?: string) {
  const headers = address === undefined ? {} : { 'x-address': address }
  const form = { login, password }
  return (await new Browser(origin).visit('/login', { form, headers })).status
}

t.test(
  'a guessing client has to wait, longer each time, even with the right password',
  async (t) => {
    const { store } = await openStoreOf(t, 'embedded')
    const { origin } = await start(t, store)
    let wrong = 0
    while ((await attempt(origin, 'ada', 'wrong')) === 401) wrong++
    t.ok(wrong > FREE, 'what is mistyped costs nothing')
    t.ok(wrong < FREE + 7, 'before a wait of a minute')
    await failMany(store, 'both', { user: 'ada' })
    await attempt(origin, 'ada', 'wrong')
    const response = await new Browser(origin).logIn('ada', 'pw')
    t.equal(response.status, 429)
    const seconds = Number(response.headers.get('retry-after'))
    t.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60, `${seconds}`)
    t.match(response.text, /role="alert">Too many attempts failed. Please try again in \d+ seconds/)
    t.same(response.setCookies, [])
    t.equal(await attempt(origin, 'bob', 'pw'), 303, 'another user does not')
  }
)

for (const kind of ['memory', ...KINDS] as const) {
  t.test(`many attempts at once gain nothing (${kind})`, async (t) => {
    const store = kind === 'memory' ? undefined : (await openStoreOf(t, kind)).store
    const { app } = await start(t, store)
    const headers = { host: HOST, 'content-type': 'application/x-www-form-urlencoded' }
    const request = {
      method: 'POST',
      url: '/login',
      headers,
      payload: 'login=ada&password=x'
    } as const
    const responses = await Promise.all(
      Array.from({ length: FREE_OF_ADDRESS }, () => app.inject(request))
    )
    const statuses = responses.map(({ statusCode }) => statusCode)
    t.equal(statuses.filter((status) => status === 401).length, FREE + 1)
    t.equal(statuses.filter((status) => status === 429).length, FREE_OF_ADDRESS - FREE - 1)
  })
}

t.test('servers of one store count together', async (t) => {
  const { store, openAgain } = await openStoreOf(t, 'redis')
  const [here, there] = [await start(t, store), await start(t, await openAgain())]
  await failMany(store, 'both', { user: 'ada' })
  t.equal(await attempt(here.origin, 'ada', 'wrong'), 401)
  t.equal(await attempt(there.origin, 'ada', 'wrong'), 429)
})

t.test('a login forgets what failed before it', async (t) => {
  const { origin } = await start(t)
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < FREE; n++) t.equal(await attempt(origin, 'ada', 'wrong'), 401)
    t.equal(await attempt(origin, 'ada', 'pw'), 303)
  }
})

t.test('an address that tries many names has to wait, and no other', async (t) => {
  const { origin } = await start(t)
  let wrong = 0
  while ((await attempt(origin, `nobody ${wrong}`, 'x', '2001:db8::1')) === 401) wrong++
  t.ok(wrong > FREE_OF_ADDRESS)
  t.equal(await attempt(origin, 'bob', 'pw', '192.0.2.7'), 303)
})

t.test('an IPv6 client is its network, whichever of its addresses it uses', async (t) => {
  const { store } = await openStoreOf(t, 'embedded')
  const { origin } = await start(t, store)
  await failMany(store, 'address', { clientIp: '2001:db8::1' })
  t.equal(await attempt(origin, 'nobody', 'x', '2001:db8::2'), 401)
  t.equal(await attempt(origin, 'bob', 'pw', '2001:db8::3'), 429)
  t.equal(await attempt(origin, 'bob', 'pw', '2001:db8:0:1::3'), 303)
})

t.test('an address that keeps guessing at one user has to wait for all users', async (t) => {
  const { store } = await openStoreOf(t, 'embedded')
  const { origin } = await start(t, store)
  await failMany(store, 'both', { user: 'ada' })
  t.equal(await attempt(origin, 'ada', 'wrong'), 401)
  for (let n = 0; n < FREE_OF_ADDRESS + 2; n++) t.equal(await attempt(origin, 'ada', 'wrong'), 429)
  t.equal(await attempt(origin, 'bob', 'pw'), 429)
  t.equal(await attempt(origin, 'bob', 'pw', '192.0.2.2'), 303)
})

t.test('right passwords are not counted against the address they come from', async (t) => {
  const { origin } = await start(t)
  for (let n = 0; n < FREE_OF_ADDRESS + 2; n++)
    t.equal(await attempt(origin, n % 2 ? 'ada' : 'bob', 'pw'), 303)
})
