import type { Store } from '@reliw/model'
import { waitFor } from '@reliw/testing'
import t from 'tap'
import { newApiKey } from '../src/index.ts'
import { newToken } from '../src/token.ts'
import { Browser } from './browser.ts'
import { basic } from './credentials.ts'
import { keysOf, openStoreOf, putUsers, textOf, write } from './open-stores.ts'
import { HOST, startApp } from './start-app.ts'
import { hmacUserOf, userOf } from './stored-users.ts'
import { code, TOTP_SECRET, wrongCode } from './totp-codes.ts'

const RULES = { '/any': { any: ['api_key' as const, 'basic' as const, 'session' as const] } }
const RIGHT = `right ${newToken()}`
const WRONG = `wrong ${newToken()}`
const KEY = newApiKey()
const KEYS = [KEY.key, newApiKey().key, `rlw_${newToken()}!`]
/** The last is of somebody who typed a password into the wrong field. */
const NAMES = ['ada', 'bob', 'cy', 'dan', 'eve', RIGHT]

/** Puts users of every kind, and a key, into a store. Resolves to what is kept of their passwords. */
async function fill(store: Store): Promise<string[]> {
  const users = {
    ada: await userOf(RIGHT),
    bob: hmacUserOf(RIGHT),
    cy: await userOf(RIGHT, { totp: TOTP_SECRET }),
    dan: await userOf(RIGHT, { disabled: true })
  }
  await putUsers(store, users)
  const fields = { [KEY.hash]: JSON.stringify({ user: 'deploy' }) }
  await write(store, { op: 'hset', key: store.keys.apiKeys(HOST), fields })
  return Object.values(users).map(({ pass }) => pass)
}

/** Does all that clients do, right and wrong. Returns the secrets that each of them showed, or was given. */
async function act(origin: string): Promise<string[]> {
  const secrets = [RIGHT, WRONG, ...KEYS, TOTP_SECRET]
  const browser = new Browser(origin)
  const visit = async (headers: Record<string, string>): Promise<void> => {
    secrets.push(...Object.values(headers))
    await browser.visit('/any', { headers })
  }
  const logIn = async (name: string, password: string): Promise<void> => {
    const page = await browser.logIn(name, password, '/login?next=/any').catch(() => undefined)
    secrets.push(...browser.cookies.values())
    if (!page?.text.includes('name="code"')) return
    const codes = [wrongCode(), code(), code()]
    secrets.push(...codes)
    for (const shown of codes) await browser.submit(page, { code: shown })
    secrets.push(...browser.cookies.values())
  }
  for (const name of NAMES) {
    await logIn(name, WRONG)
    await logIn(name, RIGHT)
    await visit({})
    await visit(basic(name, WRONG))
    await visit(basic(name, RIGHT))
    if (name === 'bob') await browser.visit('/logout')
  }
  for (const key of KEYS) {
    await visit({ 'x-api-key': key })
    await visit({ authorization: `Bearer ${key}` })
  }
  return secrets.map((secret) => secret.replace(/^(?:Basic|Bearer) /, ''))
}

/** Whether a text shows a secret; a code is more than some digits of a number. */
function shows(text: string, secret: string): boolean {
  if (/^\d{6}$/.test(secret)) return new RegExp(`(?<![\\d.])${secret}(?!\\d)`).test(text)
  return text.includes(secret) || text.includes(encodeURIComponent(secret))
}

t.test('no secret is ever logged, and none that a client shows is stored', async (t) => {
  const { store, redis } = await openStoreOf(t, 'redis')
  const secrets = await fill(store)
  const { origin, log } = await startApp(t, { store }, RULES)
  const shown = await act(origin)
  const sessions = await keysOf(store, 'SESSIONS')
  t.equal(sessions.length, 1, 'all but the last were ended')
  const stored = [...sessions, ...(await keysOf(store, 'LOGINS'))]
  const values = await Promise.all(stored.map(async (key) => textOf(store, key)))
  await redis?.kill9()
  await waitFor(() => !store.connected, 'the loss')
  shown.push(...(await act(origin)))

  t.ok(new Set(shown).size > 20)
  for (const event of ['"event":"login"', '"event":"failure"', '"event":"logout"', 'UNAVAILABLE'])
    t.ok(
      log.some((line) => line.includes(event)),
      `there are lines with ${event}`
    )
  for (const secret of new Set([...shown, ...secrets])) {
    t.equal(log.filter((line) => shows(line, secret)).length, 0, 'in the log')
    t.equal([...stored, ...values].filter((text) => shows(text, secret)).length, 0, 'in the store')
  }
})
