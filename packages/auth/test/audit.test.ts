import type { TestContext } from '@reliw/testing'
import t from 'tap'
import { newApiKey } from '../src/index.ts'
import { Browser } from './browser.ts'
import { basic } from './credentials.ts'
import { type Heard, hearEvents } from './hear-events.ts'
import { HOST, type RunningApp, startApp } from './start-app.ts'
import { hmacUserOf, userOf } from './stored-users.ts'
import { code, TOTP_SECRET, wrongCode } from './totp-codes.ts'

const expired = newApiKey()
const CLIENT = '2001:db8::7'

async function start(t: TestContext): Promise<RunningApp & { heard: Heard[]; browser: Browser }> {
  const users = {
    ada: await userOf('pw'),
    bob: hmacUserOf('pw'),
    cy: await userOf('pw', { totp: TOTP_SECRET }),
    dan: await userOf('pw', { disabled: true })
  }
  const api_keys = { [expired.hash]: { user: 'deploy', expires: 1 } }
  const options = { users, api_keys }
  const rules = { '/basic': { any: ['basic' as const] }, '/key': { any: ['api_key' as const] } }
  const app = await startApp(t, options, rules, () => ({ clientIp: CLIENT }))
  return { ...app, heard: hearEvents(t), browser: new Browser(app.origin) }
}

t.test('each login, failure and logout is reported once', async (t) => {
  const { heard, browser } = await start(t)
  const post = async (form: Record<string, string>): Promise<unknown> =>
    new Browser(browser.origin).visit('/login', { form })
  const send = async (path: string, headers: Record<string, string>): Promise<unknown> =>
    browser.visit(path, { headers })
  const cy = new Browser(browser.origin)
  const steps: [act: () => Promise<unknown>, expected: Partial<Heard>[]][] = [
    [() => browser.visit('/login'), []],
    [() => browser.visit('/private'), []],
    [() => browser.logIn('ada', 'pw'), [{ kind: 'login', user: 'ada', way: 'password' }]],
    [() => browser.visit('/private'), []],
    [() => browser.visit('/logout'), [{ kind: 'logout', user: 'ada', way: 'session' }]],
    [() => browser.visit('/logout'), []],
    [
      () => post({ login: 'bob', password: 'pw' }),
      [{ kind: 'login', user: 'bob', way: 'password' }]
    ],
    [() => post({ login: 'ada', password: 'x' }), [failure('password', 'ada', 'wrong password')]],
    [
      () => post({ login: 'eve', password: 'x' }),
      [failure('password', undefined, 'wrong password')]
    ],
    [
      () => post({ login: 'dan', password: 'pw' }),
      [failure('password', undefined, 'user disabled')]
    ],
    [
      () => post({ login: '\n', password: 'x' }),
      [failure('password', undefined, 'not a user name')]
    ],
    [() => post({ login: 'ada' }), [failure('password', undefined, 'no name or password')]],
    [
      async () => cy.submit(await cy.logIn('cy', 'pw'), { code: wrongCode() }),
      [failure('code', 'cy', 'wrong code')]
    ],
    [
      async () => cy.submit(await cy.visit('/login'), { code: code() }),
      [{ kind: 'login', user: 'cy', way: 'code' }]
    ],
    [() => send('/basic', basic('ada', 'pw')), []],
    [() => send('/basic', basic('ada', 'x')), [failure('basic', 'ada', 'wrong password')]],
    [() => send('/key', { 'x-api-key': 'x' }), [failure('api_key', undefined, 'not an API key')]],
    [
      () => send('/key', { 'x-api-key': newApiKey().key }),
      [failure('api_key', undefined, 'unknown API key')]
    ],
    [
      () => send('/key', { 'x-api-key': expired.key }),
      [failure('api_key', 'deploy', 'API key expired')]
    ]
  ]
  for (const [number, [act, expected]] of steps.entries()) {
    heard.length = 0
    await act()
    const common = { host: HOST, clientIp: CLIENT, requestId: /^req-/ }
    t.equal(heard.length, expected.length, `step ${number}`)
    t.match(
      heard,
      expected.map((event) => ({ ...common, ...event })),
      `step ${number}`
    )
  }
})

t.test('a delayed attempt and a replayed code are reported', async (t) => {
  const { heard, browser } = await start(t)
  const form = { login: 'ada', password: 'x' }
  while ((await new Browser(browser.origin).visit('/login', { form })).status === 401);
  t.match(heard.at(-1), failure('password', 'ada', 'too many failures'))
  const used = code()
  for (const last of [{ kind: 'login', user: 'cy' }, failure('code', 'cy', 'code used before')]) {
    const page = await browser.logIn('cy', 'pw')
    await browser.submit(page, { code: used })
    t.match(heard.at(-1), last)
  }
})

t.test('each event is logged with its request id', async (t) => {
  const { heard, browser, log } = await start(t)
  await browser.logIn('ada', 'x')
  await browser.logIn('ada', 'pw')
  await browser.visit('/logout')
  const lines = log.map((line) => JSON.parse(line) as Record<string, unknown>)
  const audited = lines.filter(({ msg }) => msg === 'audit')
  t.equal(audited.length, 3)
  t.match(
    audited,
    heard.map(({ kind, host, clientIp, requestId, user, way, reason }) => ({
      level: 30,
      request_id: requestId,
      audit: true,
      event: kind,
      vhost: host,
      client_ip: clientIp,
      user,
      way,
      ...(reason && { reason })
    }))
  )
  for (const { request_id } of audited)
    t.ok(lines.some(({ reqId, msg }) => reqId === request_id && msg === 'incoming request'))
})

function failure(way: string, user: string | undefined, reason: string): Partial<Heard> {
  return { kind: 'failure', way, user, reason }
}
