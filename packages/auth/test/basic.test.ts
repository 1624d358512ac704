import type { Store } from '@reliw/model'
import t, { type Test } from 'tap'
import { newTotpSecret } from '../src/index.ts'
import { type BrowserResponse, Browser } from './browser.ts'
import { countHashes } from './count-hashes.ts'
import { basic } from './credentials.ts'
import { KINDS, openStoreOf, putUsers, removeUser } from './open-stores.ts'
import { HOST, startApp } from './start-app.ts'
import { type StoredUser, userOf } from './stored-users.ts'

const CHALLENGE = `Basic realm="${HOST}", charset="UTF-8"`

interface Setup {
  /** Opened by another process than the app's. */
  peer: Store
  /** Asks for the page with an `Authorization` of that value. */
  send: (authorization?: string) => Promise<BrowserResponse>
  /** Asks with a name and a password, and resolves to the status. */
  statusOf: (name: string, password: string) => Promise<number>
}

async function start(
  t: Test,
  users: Record<string, StoredUser>,
  kind: (typeof KINDS)[number] = 'embedded'
): Promise<Setup> {
  const { store, openAgain } = await openStoreOf(t, kind)
  await putUsers(store, users)
  const { origin } = await startApp(t, { store }, { '/basic': { any: ['basic'] } })
  const browser = new Browser(origin)
  const send = async (authorization?: string): Promise<BrowserResponse> =>
    browser.visit('/basic', authorization === undefined ? {} : { headers: { authorization } })
  const statusOf = async (name: string, password: string): Promise<number> =>
    (await send(basic(name, password)['authorization'])).status
  return { peer: await openAgain(), send, statusOf }
}

t.test('a request with a user name and its password is accepted, without a session', async (t) => {
  const { send } = await start(t, { ada: await userOf('pw', { groups: ['staff'] }) })
  for (const scheme of ['Basic', 'basic', 'BASIC', 'Basic  ']) {
    const response = await send(`${scheme} ${btoa('ada:pw')}`)
    t.equal(response.status, 200, scheme)
    const identity = { user: 'ada', groups: ['staff'], method: 'basic', secondFactor: false }
    t.same(JSON.parse(response.text), identity)
    t.same(response.setCookies, [])
  }
})

t.test('names and passwords are of UTF-8, and a password may have colons', async (t) => {
  const users = {
    'jörg 😀': await userOf('пароль'),
    ada: await userOf(':a:b:'),
    bob: await userOf(' ')
  }
  const { statusOf, send } = await start(t, users)
  t.equal(await statusOf('jörg 😀', 'пароль'), 200)
  t.equal(await statusOf('ada', ':a:b:'), 200)
  t.equal(await statusOf('bob', ' '), 200)
  t.equal((await send(`Basic ${btoa('j\xf6rg:x')}`)).status, 401, 'latin1 is not understood')
})

t.test('missing, malformed or wrong credentials get a 401 with a challenge', async (t) => {
  const { send } = await start(t, { ada: await userOf('pw') })
  for (const authorization of [
    undefined,
    'Basic',
    'Basic ',
    `Basic ${btoa('ada')}`,
    `Basic ${btoa('')}`,
    `Basic ${btoa(':')}`,
    `Basic ${btoa(':pw')}`,
    `Basic ${btoa('ada:')}`,
    `Basic ${btoa('ada:wrong')}`,
    `Basic ${btoa('ada :pw')}`,
    `Basic ${btoa('ada\0:pw')}`,
    `Basic ${btoa('ada:pw\n')}`,
    `Basic ${btoa('bob:pw')}`,
    'Basic !!!',
    'Basic YWRhOnB3 YWRhOnB3x',
    `Basic${btoa('ada:pw')}`,
    `Bearer ${btoa('ada:pw')}`,
    btoa('ada:pw'),
    'ada:pw',
    `Basic ${'A'.repeat(8000)}`
  ]) {
    const response = await send(authorization)
    const shown = authorization?.slice(0, 40) ?? 'nothing'
    t.equal(response.status, 401, shown)
    t.equal(response.headers.get('www-authenticate'), CHALLENGE, shown)
    t.same(response.setCookies, [])
  }
})

t.test('a user with a second factor is not let in by the first alone', async (t) => {
  const { statusOf } = await start(t, { cy: await userOf('pw', { totp: newTotpSecret() }) })
  t.equal(await statusOf('cy', 'pw'), 403)
  t.equal(await statusOf('cy', 'pw'), 403, 'when it is remembered neither')
  t.equal(await statusOf('cy', 'wrong'), 401)
})

for (const kind of KINDS) {
  t.test(`a right password is hashed once, and as long as it is right (${kind})`, async (t) => {
    const ada = await userOf('pw')
    const { peer, statusOf } = await start(t, { ada }, kind)
    const next = await userOf('next')
    const hashes = countHashes(t)
    for (let n = 0; n < 3; n++) t.equal(await statusOf('ada', 'pw'), 200)
    t.equal(hashes(), 1)
    await putUsers(peer, { ada: { ...ada, disabled: true } })
    t.equal(await statusOf('ada', 'pw'), 401, 'disabled')
    await putUsers(peer, { ada: { ...ada, totp: newTotpSecret() } })
    t.equal(await statusOf('ada', 'pw'), 403, 'with a second factor')
    await putUsers(peer, { ada: next })
    t.equal(await statusOf('ada', 'pw'), 401, 'another password')
    t.equal(await statusOf('ada', 'next'), 200)
    await removeUser(peer, 'ada')
    t.equal(await statusOf('ada', 'next'), 401, 'gone')
  })
}
