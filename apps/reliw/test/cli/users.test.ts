import t from 'tap'
import { HOST } from '../protected-site.ts'
import { totpCode } from '../totp-code.ts'
import { createAuthPlace, succeeded } from './auth-place.ts'

const FIRST = 'the first password'
const SECOND = 'ä second one, longer'
const place = await createAuthPlace(t)
const { run, reliw, visitor, audit, written, served } = place

await t.test('a new user can log in at once', async (t) => {
  const eve = visitor()
  t.equal((await eve.logIn('eve', FIRST)).status, 401)
  const added = await run(
    ['user', 'add', HOST, 'eve', '--groups', 'staff, ops'],
    `${FIRST}\nmore\n`
  )
  t.equal(succeeded(added), `eve was added to ${HOST}.\n`)
  t.equal((await eve.logIn('eve', FIRST)).status, 303)
  t.equal((await eve.visit('/private')).status, 200)
  t.match(await audit('user added'), { vhost: HOST, user: 'eve' })
})

await t.test('a new password ends the sessions that the old one began', async (t) => {
  const [eve, other] = [visitor(), visitor()]
  for (const browser of [eve, other]) await browser.logIn('eve', FIRST)
  const changed = await run(['user', 'passwd', HOST, 'eve'], SECOND)
  t.equal(succeeded(changed), 'The password of eve was changed; 3 sessions ended.\n')
  for (const browser of [eve, other]) t.equal((await browser.visit('/private')).status, 302)
  t.equal((await eve.logIn('eve', FIRST)).status, 401)
  t.equal((await eve.logIn('eve', SECOND)).status, 303)
  t.match(await audit('password changed'), { vhost: HOST, user: 'eve' })
  t.match(await audit('revoke'), { vhost: HOST, user: 'eve' })
})

let secret = ''
await t.test('a second factor is required while it is set', async (t) => {
  const told = await reliw('user', 'totp', HOST, 'eve')
  secret =
    /^Secret: ([A-Z2-7]{32})\notpauth:\/\/totp\/[^\n]+\n.*not shown again\.\n$/.exec(told)?.[1] ??
    ''
  t.ok(secret, told.replaceAll(/[A-Z2-7]{32}/g, 'SECRET'))
  const eve = visitor()
  const half = await eve.logIn('eve', SECOND, '/login?next=/private')
  t.match(half, { status: 200, text: /name="code"/ })
  t.equal((await eve.visit('/private')).status, 302)
  t.match(await eve.submit(half, { code: totpCode(secret) }), { status: 303, location: '/private' })
  t.equal((await eve.visit('/private')).status, 200)
  t.match(await audit('second factor set'), { user: 'eve' })
  t.equal(
    await reliw('user', 'totp', HOST, 'eve', '--off'),
    'eve logs in without a code from now on.\n'
  )
  t.equal((await visitor().logIn('eve', SECOND)).status, 303)
  t.match(await audit('second factor removed'), { user: 'eve' })
})

await t.test('users are listed without secrets', async (t) => {
  await place.set(`USERS:${HOST}`, { old: '{"pass":"00","salt":"x"}', 'bad\u001b[2J': '{}' })
  const [table, json] = await Promise.all([
    reliw('user', 'list', HOST),
    reliw('user', 'list', HOST, '--json')
  ])
  const lines = table.split('\n')
  t.match(lines[0], /^name +groups +password +totp +state$/)
  t.match(lines[1], /^ada +staff +argon2id +no +enabled$/)
  t.notMatch(table, '\u001b')
  t.match(JSON.parse(json), {
    users: [
      { name: 'ada', groups: ['staff'], password: 'argon2id', totp: false, state: 'enabled' },
      { name: 'bad\u001b[2J', state: 'wrong' },
      { name: 'bob', groups: [] },
      { name: 'eve', groups: ['staff', 'ops'] },
      { name: 'old', password: 'hmac' }
    ]
  })
})

await t.test('deleting a user ends sessions and API keys', async (t) => {
  const eve = visitor()
  await eve.logIn('eve', SECOND)
  const key = (await reliw('key', 'add', HOST, 'eve')).trim()
  const withKey = async (): Promise<string> => place.send('GET', '/api', `X-API-Key: ${key}`)
  t.match(await withKey(), /^HTTP\/1\.1 200 /)
  t.match(await reliw('user', 'del', HOST, 'eve'), /^eve was deleted; \d sessions? ended\.\n$/)
  t.equal((await eve.visit('/private')).status, 302)
  t.match(await withKey(), /^HTTP\/1\.1 401 /)
  t.equal((await eve.logIn('eve', SECOND)).status, 401)
  t.match(await audit('user deleted'), { vhost: HOST, user: 'eve' })
})

await t.test('secrets are printed at most once, and never logged', async (t) => {
  const all = written()
  for (const what of [FIRST, SECOND, '$argon2', '$m=']) t.notOk(all.includes(what), what)
  t.equal(all.split(`Secret: ${secret}`).length, 2)
  t.notOk(JSON.stringify(served.log).includes(secret))
  t.equal(await served.stop(), 0)
})
