import t from 'tap'
import { reachSecondFactor, type AtSecondFactor } from './reach-second-factor.ts'
import { Browser } from './browser.ts'
import { failMany } from './failed-attempts.ts'
import { keysOf, putUsers, removeUser, write } from './open-stores.ts'
import { HOST } from './start-app.ts'
import { userOf } from './stored-users.ts'
import { code, wrongCode } from './totp-codes.ts'

t.test('a code is good once, for whomever saw it', async (t) => {
  const { browser, page } = await reachSecondFactor(t)
  const used = code()
  t.equal((await browser.submit(page, { code: used })).status, 303)
  const thief = new Browser(browser.origin)
  const theirs = await thief.logIn('cy', 'pw')
  t.equal((await thief.submit(theirs, { code: used })).status, 401)
  t.equal(thief.session, undefined)
  t.equal((await browser.submit(await browser.logIn('cy', 'pw'), { code: code(1) })).status, 303)
})

t.test('of two concurrent attempts with the same code, one succeeds', async (t) => {
  const { browser, page } = await reachSecondFactor(t)
  const thief = new Browser(browser.origin)
  const theirs = await thief.logIn('cy', 'pw')
  const shown = code()
  const responses = await Promise.all([
    browser.submit(page, { code: shown }),
    thief.submit(theirs, { code: shown })
  ])
  t.same(new Set(responses.map(({ status }) => status)), new Set([303, 401]))
})

t.test('a code proves nothing without the password step of its client and user', async (t) => {
  const { browser, page } = await reachSecondFactor(t)
  const stranger = new Browser(browser.origin)
  const form = await stranger.visit('/login')
  const dan = new Browser(browser.origin)
  const ofDan = await dan.logIn('dan', 'pw')
  for (const [who, shown, fields] of [
    [stranger, form, {}],
    [stranger, form, { login: 'cy', password: 'pw' }],
    [dan, ofDan, {}],
    [dan, ofDan, { login: 'cy', password: 'pw' }]
  ] as const) {
    const response = await who.submit(shown, { ...fields, code: code() })
    t.equal(response.status, 401)
    t.equal(who.session, undefined)
  }
  t.equal((await browser.submit(page, { code: code() })).status, 303, 'it was good all the time')
})

t.test('a pending login ends with the password or user that it began with', async (t) => {
  const changes: ((setup: AtSecondFactor) => Promise<void>)[] = [
    async ({ store }) => {
      for (const key of await keysOf(store, 'LOGINS')) await write(store, { op: 'delete', key })
    },
    async ({ store }) => removeUser(store, 'cy'),
    async ({ store, cy }) => putUsers(store, { cy: { ...cy, disabled: true } }),
    async ({ store, cy }) => putUsers(store, { cy: { pass: cy.pass } }),
    async ({ store, cy }) => putUsers(store, { cy: { ...cy, ...(await userOf('new')) } })
  ]
  for (const [number, change] of changes.entries()) {
    const setup = await reachSecondFactor(t)
    const { browser, page } = setup
    await change(setup)
    const response = await browser.submit(page, { code: code() })
    t.equal(response.status, 401, `change ${number}`)
    t.match(response.text, /This took too long/)
    t.match(response.text, /name="password"/)
    t.equal(browser.session, undefined)
  }
})

t.test('codes are guessed at no faster than passwords, nor by knowing the password', async (t) => {
  const { store, browser, page } = await reachSecondFactor(t)
  await failMany(store, 'both', { user: 'cy', kind: 'code', clientIp: HOST })
  t.equal((await browser.submit(page, { code: wrongCode() })).status, 401)
  const response = await browser.submit(page, { code: code() })
  t.equal(response.status, 429)
  t.match(response.headers.get('retry-after'), /^[1-9]\d?$/)
  t.match(response.text, /name="code"/)
  const again = await browser.logIn('cy', 'pw')
  t.equal((await browser.submit(again, { code: code() })).status, 429)
})
