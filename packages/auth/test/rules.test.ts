import t, { type Test } from 'tap'
import { Browser } from './browser.ts'
import { basic } from './credentials.ts'
import { type Rule, startApp } from './start-app.ts'
import { userOf } from './stored-users.ts'
import { code, TOTP_SECRET } from './totp-codes.ts'

/** A browser for each user, logged in with all that the user has; and one of nobody. */
async function start(t: Test, rules: Record<string, Rule>): Promise<Record<string, Browser>> {
  const users = {
    ada: await userOf('pw'),
    bob: await userOf('pw', { groups: ['staff'] }),
    cy: await userOf('pw', { groups: ['staff', 'admins'], totp: TOTP_SECRET })
  }
  const { origin } = await startApp(t, { users }, rules)
  const browsers: Record<string, Browser> = { nobody: new Browser(origin) }
  for (const name of Object.keys(users)) {
    const browser = new Browser(origin)
    const response = await browser.logIn(name, 'pw')
    if (name === 'cy') await browser.submit(response, { code: code() })
    browsers[name] = browser
  }
  return browsers
}

async function statuses(browsers: Record<string, Browser>, path: string): Promise<object> {
  const found: Record<string, number> = {}
  for (const [name, browser] of Object.entries(browsers))
    found[name] = (await browser.visit(path)).status
  return found
}

t.test(
  'a list of users permits these users, refuses others, and redirects clients without an identity',
  async (t) => {
    const browsers = await start(t, { '/ada': ['ada'], '/both': ['ada', 'bob'], '/none': [] })
    t.same(await statuses(browsers, '/ada'), { nobody: 302, ada: 200, bob: 403, cy: 403 })
    t.same(await statuses(browsers, '/both'), { nobody: 302, ada: 200, bob: 200, cy: 403 })
    t.same(await statuses(browsers, '/none'), { nobody: 302, ada: 403, bob: 403, cy: 403 })
    t.same(await statuses(browsers, '/public'), { nobody: 200, ada: 200, bob: 200, cy: 200 })
  }
)

t.test('a rule names users, groups, a second factor, or just anybody', async (t) => {
  const browsers = await start(t, {
    '/anybody': { any: ['session'] },
    '/users': { users: ['bob'] },
    '/groups': { groups: ['admins', 'others'] },
    '/either': { users: ['ada'], groups: ['admins'] },
    '/factor': { second_factor: true },
    '/bob-with-factor': { groups: ['staff'], second_factor: true },
    '/no-group': { groups: [] },
    '/user-is-no-group': { groups: ['bob'] },
    '/group-is-no-user': { users: ['staff'] }
  })
  const expected: Record<string, [ada: number, bob: number, cy: number]> = {
    '/anybody': [200, 200, 200],
    '/users': [403, 200, 403],
    '/groups': [403, 403, 200],
    '/either': [200, 403, 200],
    '/factor': [403, 403, 200],
    '/bob-with-factor': [403, 403, 200],
    '/no-group': [403, 403, 403],
    '/user-is-no-group': [403, 403, 403],
    '/group-is-no-user': [403, 403, 403]
  }
  for (const [path, [ada, bob, cy]] of Object.entries(expected))
    t.same(await statuses(browsers, path), { nobody: 302, ada, bob, cy }, path)
})

t.test('a refused user gets neither details nor a redirect to the login page', async (t) => {
  const { ada } = await start(t, { '/bob': ['bob'] })
  const response = await ada?.visit('/bob')
  t.equal(response?.status, 403)
  t.equal(response?.location, undefined)
  t.notMatch(response?.text, /bob/)
})

t.test('programs get a 401, browsers a redirect to the login page', async (t) => {
  const { nobody } = await start(t, {
    '/programs': { any: ['api_key', 'basic', 'session'] },
    '/no-people': { any: ['api_key', 'basic'] }
  })
  const led = async (path: string, accept?: string): Promise<number | undefined> =>
    (await nobody?.visit(path, accept === undefined ? {} : { headers: { accept } }))?.status
  const html = 'text/html,application/xhtml+xml,*/*;q=0.8'
  t.equal(await led('/private', html), 302)
  t.equal(await led('/private', '*/*'), 302)
  t.equal(await led('/private', 'application/json'), 401)
  t.equal(await led('/programs', html), 302)
  t.equal(await led('/programs', '*/*'), 401)
  t.equal(await led('/programs', 'application/json'), 401)
  t.equal(await led('/no-people', html), 401)
  const response = await nobody?.visit('/programs', { headers: { accept: 'application/json' } })
  t.equal(
    response?.headers.get('www-authenticate'),
    'Basic realm="127.0.0.1", charset="UTF-8", Bearer realm="127.0.0.1"'
  )
})

t.test(
  'the first authentication method that accepts counts, not the refusals before it',
  async (t) => {
    const { ada } = await start(t, { '/ways': { any: ['api_key', 'basic', 'session'] } })
    const who = async (headers: Record<string, string>): Promise<unknown> =>
      JSON.parse((await ada?.visit('/ways', { headers }))?.text ?? '')
    t.match(await who({}), { user: 'ada', method: 'session' })
    t.match(await who(basic('bob', 'pw')), { user: 'bob', method: 'basic' })
    t.match(await who(basic('bob', 'wrong')), { user: 'ada', method: 'session' })
    t.match(await who({ 'x-api-key': 'none' }), { user: 'ada', method: 'session' })
  }
)
