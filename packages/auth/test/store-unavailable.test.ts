import type { Store } from '@reliw/model'
import { type RedisServer, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { Browser } from './browser.ts'
import { basic } from './credentials.ts'
import { openStoreOf, putUsers } from './open-stores.ts'
import { startApp } from './start-app.ts'
import { userOf } from './stored-users.ts'

const RULES = { '/basic': { any: ['basic' as const] }, '/key': { any: ['api_key' as const] } }
const KEY = `rlw_${'a'.repeat(43)}`

interface Setup {
  store: Store
  redis: RedisServer
  browser: Browser
  /** Ends Redis, and waits until the store knows. */
  lose: () => Promise<void>
}

async function start(t: Test): Promise<Setup> {
  const { store, redis } = await openStoreOf(t, 'redis')
  if (redis === undefined) throw new Error('no Redis')
  await putUsers(store, { ada: await userOf('pw') })
  const { origin } = await startApp(t, { store }, RULES)
  const lose = async (): Promise<void> => {
    await redis.kill9()
    await waitFor(() => !store.connected, 'the loss')
  }
  return { store, redis, browser: new Browser(origin), lose }
}

t.test(
  'while the store is unavailable no request has an identity, and public pages are served',
  async (t) => {
    const { browser, lose } = await start(t)
    await browser.logIn('ada', 'pw')
    t.equal((await browser.visit('/private')).status, 200)
    t.equal((await browser.visit('/basic', { headers: basic('ada', 'pw') })).status, 200)
    await lose()
    const stranger = new Browser(browser.origin)
    stranger.cookies.set('rlw_session_token', 'a'.repeat(43))
    for (const [who, path, headers] of [
      [browser, '/private', {}],
      [stranger, '/private', {}],
      [browser, '/basic', basic('ada', 'pw')],
      [browser, '/basic', basic('ada', 'wrong')],
      [browser, '/key', { 'x-api-key': KEY }]
    ] as const) {
      const response = await who.visit(path, { headers })
      t.equal(response.status, 503, path)
      t.equal(response.location, undefined)
      t.notMatch(response.text, /ada|redis/i)
    }
    t.equal((await browser.visit('/public')).status, 200)
    t.equal((await new Browser(browser.origin).visit('/private')).status, 302, 'nobody is nobody')
  }
)

t.test('while the store is unavailable nobody logs in or out', async (t) => {
  const { browser, lose } = await start(t)
  const page = await browser.visit('/login')
  const other = new Browser(browser.origin)
  await other.logIn('ada', 'pw')
  await lose()
  for (const password of ['pw', 'wrong']) {
    const response = await browser.submit(page, { login: 'ada', password })
    t.equal(response.status, 503, password)
    t.same(response.setCookies, [])
  }
  t.equal((await other.visit('/logout')).status, 503)
  t.ok(other.session, 'it may try again')
  t.equal((await browser.visit('/login')).status, 200, 'the page itself is there')
})

t.test('when the store is back its data counts again', async (t) => {
  const { store, redis, browser, lose } = await start(t)
  await browser.logIn('ada', 'pw')
  t.equal((await browser.visit('/private')).status, 200)
  await lose()
  t.equal((await browser.visit('/private')).status, 503)
  await redis.restart()
  await waitFor(() => store.connected, 'the connection')
  t.equal((await browser.visit('/private')).status, 302, 'the session was lost with it')
  await putUsers(store, { ada: await userOf('pw') })
  t.equal((await browser.logIn('ada', 'pw')).status, 303)
  t.equal((await browser.visit('/private')).status, 200)
})

t.test('a site that was never read is refused while the store is unavailable', async (t) => {
  const { store, redis, lose } = await start(t)
  await lose()
  const { origin } = await startApp(t, { store }, RULES)
  const browser = new Browser(origin)
  browser.cookies.set('rlw_session_token', 'a'.repeat(43))
  t.equal((await browser.visit('/private')).status, 503)
  t.equal((await browser.visit('/login')).status, 503, 'not even the site is known')
  t.equal((await browser.visit('/public')).status, 200)
  await redis.restart()
  await waitFor(() => store.connected, 'the connection')
  t.equal((await browser.visit('/private')).status, 302)
})
