import t from 'tap'
import { newApiKey } from '../src/index.ts'
import { Browser } from './browser.ts'
import { KINDS, keysOf, openStoreOf, putAuth, putUsers, write } from './open-stores.ts'
import { HOST, startApp } from './start-app.ts'
import { userOf } from './stored-users.ts'

for (const kind of KINDS) {
  t.test(`users are who the store says, from the next login on (${kind})`, async (t) => {
    const { store, openAgain } = await openStoreOf(t, kind)
    const peer = await openAgain()
    const { origin } = await startApp(t, { store })
    const browser = new Browser(origin)
    t.equal((await browser.logIn('ada', 'pw')).status, 401)
    await putUsers(peer, { ada: await userOf('pw', { groups: ['staff'] }) })
    t.equal((await browser.logIn('ada', 'pw')).status, 303)
    const identity = { user: 'ada', groups: ['staff'], method: 'session', secondFactor: false }
    t.same(JSON.parse((await browser.visit('/private')).text), identity)
  })

  t.test(`a site says where its login is, and how its cookies are (${kind})`, async (t) => {
    const { store, openAgain } = await openStoreOf(t, kind)
    const peer = await openAgain()
    await putUsers(store, { ada: await userOf('pw') })
    const { origin } = await startApp(t, { store }, { '/in': { login: true } })
    const browser = new Browser(origin)
    t.equal((await browser.visit('/private')).location, '/login?next=%2Fprivate')
    await putAuth(peer, { login_path: '/in', cookie: 'sid', allow_http: true })
    t.equal((await browser.visit('/private')).location, '/in?next=%2Fprivate')
    const login = await browser.logIn('ada', 'pw', '/in')
    t.match(login.setCookies, [/^sid=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/])
    t.equal((await browser.visit('/private')).status, 200)
  })
}

t.test('what a session is made of is for operators to read', async (t) => {
  const { store } = await openStoreOf(t, 'embedded')
  await putUsers(store, { ada: await userOf('pw', { groups: ['staff'] }) })
  const { origin } = await startApp(t, { store }, {}, () => ({ clientIp: '192.0.2.1' }))
  const browser = new Browser(origin)
  const before = Date.now()
  const agent = `Firefox ${'x'.repeat(500)}`
  const form = { login: 'ada', password: 'pw' }
  await browser.visit('/login', { form, headers: { 'user-agent': agent } })
  const [key = ''] = await keysOf(store, 'SESSIONS')
  t.match(key, /^RLW:SESSIONS:127\.0\.0\.1:[\w-]{43}$/)
  const session = JSON.parse(String(await store.driver.get(key))) as Record<string, unknown>
  t.match(session, {
    user: 'ada',
    groups: ['staff'],
    second_factor: false,
    ip: '192.0.2.1',
    agent: agent.slice(0, 200),
    check: /^[\w-]{16}$/
  })
  t.ok(Number(session['created']) >= before)
  t.doesNotThrow(() => store.keys.check(key, Buffer.from(JSON.stringify(session))))
})

t.test('an app’s own users and keys come before those of the store', async (t) => {
  const { store } = await openStoreOf(t, 'embedded')
  const [own, stored] = [newApiKey(), newApiKey()]
  await putUsers(store, { ada: await userOf('stored'), bob: await userOf('stored') })
  for (const { hash } of [own, stored]) {
    const fields = { [hash]: '{"user":"stored"}' }
    await write(store, { op: 'hset', key: store.keys.apiKeys(HOST), fields })
  }
  const users = { ada: await userOf('own') }
  const api_keys = { [own.hash]: { user: 'own' } }
  const rules = { '/key': { any: ['api_key' as const] } }
  const { origin } = await startApp(t, { store, users, api_keys }, rules)
  const browser = new Browser(origin)
  t.equal((await browser.logIn('ada', 'stored')).status, 401)
  t.equal((await browser.logIn('bob', 'stored')).status, 401)
  t.equal((await browser.logIn('ada', 'own')).status, 303)
  t.equal((await browser.visit('/private')).status, 200)
  t.equal((await keysOf(store, 'SESSIONS')).length, 1, 'sessions are in the store all the same')
  const send = async (key: string): Promise<unknown> =>
    JSON.parse((await browser.visit('/key', { headers: { 'x-api-key': key } })).text)
  t.match(await send(own.key), { user: 'own' })
  t.match(await send(stored.key), { user: 'stored' })
})
