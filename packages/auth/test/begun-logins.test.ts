import t from 'tap'
import { Browser } from './browser.ts'
import { KINDS, keysOf, openStoreOf, putAuth } from './open-stores.ts'
import { HOST, startApp } from './start-app.ts'
import { startScriptedProvider } from './start-scripted-provider.ts'

/** Logins of one address that may be under way. */
const MAX_BEGUN = 1000

for (const kind of KINDS) {
  t.test(`logins that an address begins are bounded in number (${kind})`, async (t) => {
    const { store } = await openStoreOf(t, kind)
    const { settings } = await startScriptedProvider(t)
    await putAuth(store, { oidc: settings })
    const { origin } = await startApp(t, { store })
    const begin = () => new Browser(origin).visit('/login?provider')
    t.equal((await begin()).status, 302)
    t.equal((await begin()).status, 302)
    t.equal((await keysOf(store, 'LOGINS')).length, 2)
    const key = store.keys.limit(HOST, 'login-begun', HOST)
    await store.driver.increment([{ key, by: MAX_BEGUN - 2 }])
    const refused = await begin()
    t.equal(refused.status, 429)
    t.match(refused.headers.get('retry-after'), /^[1-9]\d*$/)
    t.equal((await keysOf(store, 'LOGINS')).length, 2)
    t.ok(((await store.driver.ttl(key)) ?? Infinity) <= 600_000, 'it is over by itself')
  })
}

t.test('a browser has one pending login', async (t) => {
  const { store } = await openStoreOf(t, 'embedded')
  const { settings } = await startScriptedProvider(t)
  await putAuth(store, { oidc: settings })
  const browser = new Browser((await startApp(t, { store })).origin)
  for (let n = 0; n < 5; n++) t.equal((await browser.visit('/login?provider')).status, 302)
  t.equal((await keysOf(store, 'LOGINS')).length, 1)
})

t.test('clients of unknown address do not share the limit of one address', async (t) => {
  const { store } = await openStoreOf(t, 'embedded')
  const { settings } = await startScriptedProvider(t)
  await putAuth(store, { oidc: settings })
  const { origin } = await startApp(t, { store }, {}, () => ({ clientIp: '' }))
  const key = store.keys.limit(HOST, 'login-begun', '')
  const begin = async () => (await new Browser(origin).visit('/login?provider')).status
  await store.driver.increment([{ key, by: MAX_BEGUN + 1 }])
  t.equal(await begin(), 302)
  await store.driver.increment([{ key, by: 100 * MAX_BEGUN }])
  t.equal(await begin(), 429, 'they have one all the same')
})
