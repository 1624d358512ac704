import t from 'tap'
import { reachSecondFactor } from './reach-second-factor.ts'
import { fieldOf } from './browser.ts'
import { keysOf } from './open-stores.ts'
import { code, wrongCode } from './totp-codes.ts'

t.test('a correct password leads to the code, and the code logs in', async (t) => {
  const { store, browser, page } = await reachSecondFactor(t)
  t.equal(page.status, 200)
  t.match(page.text, /<input [^>]*name="code" [^>]*autocomplete="one-time-code"/)
  t.notMatch(page.text, /name="password"/)
  t.equal((await browser.visit('/private')).status, 302)
  t.same(await keysOf(store, 'SESSIONS'), [])
  t.equal((await keysOf(store, 'LOGINS')).length, 1)
  const login = await browser.submit(page, { code: code() })
  t.equal(login.status, 303)
  t.equal(login.location, '/factor', 'where the first step was to lead to')
  t.same(await keysOf(store, 'LOGINS'), [])
  const identity = JSON.parse((await browser.visit('/factor')).text) as unknown
  t.same(identity, { user: 'cy', groups: [], method: 'session', secondFactor: true })
})

t.test('blanks in a code do not matter, nor do clocks that are half a minute apart', async (t) => {
  // Each is made when it is typed: a new half minute may begin at any time.
  for (const type of [
    () => ` ${code().slice(0, 3)} ${code().slice(3)} `,
    () => code(-1),
    () => code(1)
  ]) {
    const { browser, page } = await reachSecondFactor(t)
    t.equal((await browser.submit(page, { code: type() })).status, 303)
  }
})

t.test('a wrong code is refused, and the right one is still accepted', async (t) => {
  const { browser, page } = await reachSecondFactor(t)
  for (const wrong of [wrongCode(), '', '12345', '1234567', 'abcdef']) {
    const response = await browser.submit(page, { code: wrong })
    t.equal(response.status, 401, wrong)
    t.match(response.text, /role="alert">This code is wrong/)
    t.match(response.text, /name="code"/)
    t.equal(fieldOf(response, 'next'), '/factor')
    t.equal(browser.session, undefined)
  }
  t.equal((await browser.submit(page, { code: code() })).status, 303)
})

t.test('a login forgets the codes that were wrong before it', async (t) => {
  const { browser, page } = await reachSecondFactor(t)
  for (const right of [code(), code(1)]) {
    for (let n = 0; n < 4; n++)
      t.equal((await browser.submit(page, { code: wrongCode() })).status, 401)
    t.equal((await browser.submit(page, { code: right })).status, 303)
    await browser.logIn('cy', 'pw')
  }
})
