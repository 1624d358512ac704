import { startRedis } from '@reliw/testing'
import t from 'tap'
import { HOST } from '../protected-site.ts'
import { createAuthPlace, succeeded } from './auth-place.ts'

const NEW = 'a password for eve'
const redis = await startRedis(t)
const place = await createAuthPlace(t, { redis: { port: redis.port } })
const { run, reliw, visitor, logIn, send, audit, written, served } = place

await t.test('with Redis, users and sessions are changed at once', async (t) => {
  succeeded(await run(['user', 'add', HOST, 'eve', '--groups', 'ops'], NEW))
  const [eve, ada, bob] = [visitor(), await logIn('ada'), await logIn('bob')]
  t.equal((await eve.logIn('eve', NEW)).status, 303)
  t.equal((await eve.visit('/private')).status, 200)
  t.match(await audit('user added'), { vhost: HOST, user: 'eve' })
  const { sessions } = JSON.parse(await reliw('sessions', 'list', HOST, '--json')) as {
    sessions: { id: string; user: string }[]
  }
  t.strictSame(sessions.map(({ user }) => user).toSorted(), ['ada', 'bob', 'eve'])

  const id = sessions.find(({ user }) => user === 'ada')?.id ?? ''
  t.equal(await reliw('sessions', 'revoke', HOST, id, '--user', 'bob'), '2 sessions ended.\n')
  for (const [browser, status] of [
    [ada, 302],
    [bob, 302],
    [eve, 200]
  ] as const)
    t.equal((await browser.visit('/private')).status, status)
  t.equal(await reliw('user', 'del', HOST, 'eve'), 'eve was deleted; 1 session ended.\n')
  t.equal((await eve.visit('/private')).status, 302)
  t.match(await audit('user deleted'), { user: 'eve' })
})

await t.test('with Redis, API keys are created and deleted at once', async (t) => {
  const key = (await reliw('key', 'add', HOST, 'a program')).trim()
  const get = async (): Promise<string> =>
    (await send('GET', '/api', `X-API-Key: ${key}`)).slice(9, 12)
  t.equal(await get(), '200')
  const { keys } = JSON.parse(await reliw('key', 'list', HOST, '--json')) as {
    keys: { id: string }[]
  }
  await reliw('key', 'del', HOST, keys[0]?.id ?? '')
  t.equal(await get(), '401')
  t.match(await audit('key deleted'), { vhost: HOST, key: keys[0]?.id })
})

await t.test('with Redis, nothing secret is printed or logged', async (t) => {
  for (const secret of [NEW, '$argon2']) t.notOk(written().includes(secret), secret)
  t.equal(await served.stop(), 0)
})

t.test('an unreachable Redis is named', async (t) => {
  await redis.stop()
  const commands = [
    ['user', 'list', HOST],
    ['sessions', 'list', HOST],
    ['key', 'list', HOST]
  ]
  const outcomes = commands.map(async (words) => {
    const stderr = `reliw.json: Redis (redis://127.0.0.1:${redis.port}/13) is not available: `
    t.match(await run(words), { code: 1, stdout: '', stderr }, words.join(' '))
  })
  await Promise.all(outcomes)
})
