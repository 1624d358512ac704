import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { newToken } from '../src/token.ts'
import { Browser } from './browser.ts'
import { keysOf, openStoreOf, putSession, putUsers, write } from './open-stores.ts'
import { HOST, startApp } from './start-app.ts'
import { userOf } from './stored-users.ts'

/** Which host clients of these tests say they mean. */
const hostOf = ({ headers }: FastifyRequest) => ({
  host: 'x-other' in headers ? 'other.example' : HOST
})

t.test('a session is of one host', async (t) => {
  const { store } = await openStoreOf(t, 'embedded')
  const ada = await userOf('pw')
  await putUsers(store, { ada })
  const fields = { ada: JSON.stringify(ada) }
  await write(store, { op: 'hset', key: store.keys.users('other.example'), fields })
  const { origin } = await startApp(t, { store }, {}, hostOf)
  const browser = new Browser(origin)
  await browser.logIn('ada', 'pw')
  t.equal((await browser.visit('/private')).status, 200)
  t.equal((await browser.visit('/private', { headers: { 'x-other': '1' } })).status, 302)
})

t.test('a session of a provider’s user needs no local user', async (t) => {
  const { store } = await openStoreOf(t, 'embedded')
  const { origin } = await startApp(t, { store }, { '/staff': { groups: ['staff'] } })
  const browser = new Browser(origin)
  const token = newToken()
  browser.cookies.set('rlw_session_token', token)
  const session = { user: 'eve', groups: ['staff'], created: Date.now() }
  await putSession(store, token, { ...session, issuer: 'https://id.example' }, 60_000)
  t.equal((await browser.visit('/staff')).status, 200)
  await putSession(store, token, session, 60_000)
  t.equal((await browser.visit('/staff')).status, 302, 'else it does')
})

t.test('a session that cannot be read is a fault, and lets nobody in', async (t) => {
  const { store } = await openStoreOf(t, 'embedded')
  await putUsers(store, { ada: await userOf('pw') })
  const { origin } = await startApp(t, { store })
  const browser = new Browser(origin)
  await browser.logIn('ada', 'pw')
  const [key = ''] = await keysOf(store, 'SESSIONS')
  for (const value of ['ada', '{}', 'null', '[]', '{"user":"ada"}', '{"user":1,"created":1}']) {
    await write(store, { op: 'set', key, value })
    t.equal((await browser.visit('/private')).status, 500, value)
  }
})
