import type { Store } from '@reliw/model'
import t, { type Test } from 'tap'
import { hashToken } from '../src/token.ts'
import { Browser } from './browser.ts'
import { KINDS, keysOf, openStoreOf, putUsers, removeUser, textOf, write } from './open-stores.ts'
import { startApp } from './start-app.ts'
import { type StoredUser, userOf } from './stored-users.ts'

interface Setup {
  /** Opened by another process, which changes it under the app. */
  peer: Store
  browser: Browser
  ada: StoredUser
  /** What the next request is answered with. */
  next: () => Promise<number>
}

async function start(t: Test, kind: (typeof KINDS)[number]): Promise<Setup> {
  const { store, openAgain } = await openStoreOf(t, kind)
  const ada = await userOf('pw', { groups: ['staff'] })
  await putUsers(store, { ada })
  const { origin } = await startApp(t, { store }, { '/staff': { groups: ['staff'] } })
  const browser = new Browser(origin)
  await browser.logIn('ada', 'pw')
  const next = async (): Promise<number> => (await browser.visit('/staff')).status
  t.equal(await next(), 200)
  return { peer: await openAgain(), browser, ada, next }
}

for (const kind of KINDS) {
  t.test(`a session ends with its key, for the next request (${kind})`, async (t) => {
    const { peer, next } = await start(t, kind)
    for (const key of await keysOf(peer, 'SESSIONS')) await write(peer, { op: 'delete', key })
    t.equal(await next(), 302)
  })

  t.test(`another password ends what the old one began (${kind})`, async (t) => {
    const { peer, browser, ada, next } = await start(t, kind)
    await putUsers(peer, { ada: { ...ada, ...(await userOf('new')) } })
    t.equal(await next(), 302)
    t.equal((await browser.logIn('ada', 'pw')).status, 401)
    t.equal((await browser.logIn('ada', 'new')).status, 303)
    t.equal(await next(), 200)
  })

  t.test(`the sessions of a deleted user end (${kind})`, async (t) => {
    const { peer, browser, next } = await start(t, kind)
    await removeUser(peer, 'ada')
    t.equal(await next(), 302)
    t.equal((await browser.logIn('ada', 'pw')).status, 401)
  })

  t.test(`the sessions of a disabled user are suspended (${kind})`, async (t) => {
    const { peer, browser, ada, next } = await start(t, kind)
    await putUsers(peer, { ada: { ...ada, disabled: true } })
    t.equal(await next(), 302)
    t.equal((await new Browser(browser.origin).logIn('ada', 'pw')).status, 401)
    await putUsers(peer, { ada })
    t.equal(await next(), 200)
  })

  t.test(`a user is in the groups that it is in now (${kind})`, async (t) => {
    const { peer, ada, next } = await start(t, kind)
    await putUsers(peer, { ada: { ...ada, groups: [] } })
    t.equal(await next(), 403)
    await putUsers(peer, { ada })
    t.equal(await next(), 200)
  })

  t.test(`two servers of one store know the same sessions (${kind})`, async (t) => {
    const { peer, browser, next } = await start(t, kind)
    const { origin } = await startApp(t, { store: peer })
    const there = new Browser(origin)
    there.cookies.set('rlw_session_token', browser.session ?? '')
    t.match(JSON.parse((await there.visit('/private')).text), { user: 'ada', method: 'session' })
    t.equal((await there.visit('/logout')).status, 303)
    t.equal(await next(), 302)
  })
}

t.test('a reader of the store cannot use its sessions', async (t) => {
  const { peer, browser, next } = await start(t, 'embedded')
  const [key = ''] = await keysOf(peer, 'SESSIONS')
  const token = browser.session ?? ''
  const id = key.slice(key.lastIndexOf(':') + 1)
  t.equal(id, hashToken(token))
  t.notOk(`${key} ${await textOf(peer, key)}`.includes(token))
  browser.cookies.set('rlw_session_token', id)
  t.equal(await next(), 302)
})
