import t, { type Test } from 'tap'
import { type BrowserResponse, Browser } from './browser.ts'
import { countHashes } from './count-hashes.ts'
import { basic } from './credentials.ts'
import { failMany } from './failed-attempts.ts'
import { openStoreOf, putUsers } from './open-stores.ts'
import { HOST, startApp } from './start-app.ts'
import { userOf } from './stored-users.ts'

interface Setup {
  /** Sends a login form as a program does. */
  post: (form: Record<string, string>) => Promise<BrowserResponse>
  browser: Browser
  hashes: () => number
}

/** Both users have failed so often that they have to wait, once one more attempt is made. */
async function start(t: Test): Promise<Setup> {
  const { store } = await openStoreOf(t, 'embedded')
  await putUsers(store, { ada: await userOf('pw'), bob: await userOf('pw') })
  for (const user of ['ada', 'bob', 'nobody'])
    await failMany(store, 'both', { user, clientIp: HOST })
  const rules = { '/basic': { any: ['basic' as const] } }
  const { origin } = await startApp(t, { store }, rules)
  return {
    post: (form) => new Browser(origin).visit('/login', { form }),
    browser: new Browser(origin),
    hashes: countHashes(t)
  }
}

t.test(
  'an attempt that has to wait costs no hash, right or wrong, of a user or nobody',
  async (t) => {
    const { post, hashes } = await start(t)
    for (const login of ['ada', 'nobody'])
      t.equal((await post({ login, password: 'wrong' })).status, 401)
    t.equal(hashes(), 2, 'those that are let in cost one each')
    for (const login of ['ada', 'nobody']) {
      for (const password of ['pw', 'wrong']) {
        const attempts = Array.from({ length: 5 }, async () => post({ login, password }))
        const responses = await Promise.all(attempts)
        t.same(new Set(responses.map(({ status }) => status)), new Set([429]))
      }
    }
    t.equal(hashes(), 2)
  }
)

t.test('Basic credentials are guessed at no faster, and no cheaper for the server', async (t) => {
  const { browser, hashes } = await start(t)
  const visit = (password: string) => browser.visit('/basic', { headers: basic('bob', password) })
  t.equal((await visit('wrong')).status, 401)
  t.equal(hashes(), 1)
  for (const password of ['pw', 'wrong', 'pw']) {
    const response = await visit(password)
    t.equal(response.status, 429)
    t.match(response.headers.get('retry-after'), /^[1-9]\d?$/)
    t.equal(response.headers.get('www-authenticate'), null)
  }
  t.equal(hashes(), 1)
})

t.test('an invalid user name costs no hash', async (t) => {
  const { post, hashes } = await start(t)
  for (const login of ['a\nb', '\0', 'x'.repeat(257)]) {
    t.equal((await post({ login, password: 'pw' })).status, 401)
  }
  t.equal((await post({})).status, 401)
  t.equal(hashes(), 0)
})
