import { hash } from 'node:crypto'
import { type RedisServer, startRedis, waitFor } from '@reliw/testing'
import { test, type Test } from 'tap'
import { issue, SECRET } from '../../../packages/auth/test/jwt-issuing.ts'
import { cookieOf, HOST, PASSWORD, type ProtectedServer, startProtected } from './protected-site.ts'

const KEY = `rlw_${'k'.repeat(43)}`
const CREDENTIALS = Buffer.from(`ada:${PASSWORD}`).toString('base64')

interface Setup extends ProtectedServer {
  redis: RedisServer
  /** The status of a response to ada's session. */
  asAda: (path: string) => Promise<string>
}

/** A site in Redis, with a page for all, and with others for those who prove who they are. */
async function start(t: Test): Promise<Setup> {
  const redis = await startRedis(t)
  const any = ['session', 'basic', 'api_key']
  const server = await startProtected(
    t,
    {
      public: {},
      private: { auth: ['ada'] },
      any: { auth: { any } },
      token: { auth: { any: ['jwt'] } }
    },
    {
      [`SITE:${HOST}`]: { auth: { jwt: { algorithms: ['HS256'], secret: SECRET } } },
      [`KEYS:${HOST}`]: { [hash('sha256', KEY, 'hex')]: JSON.stringify({ user: 'a program' }) },
      ...Object.fromEntries(
        ['public', 'private', 'any', 'token'].map((path) => [
          `FILES:${HOST}:/${path}`,
          { content: `content of ${path}` }
        ])
      )
    },
    { redis: { port: redis.port, timeout: '500ms' } }
  )
  const cookie = cookieOf(await server.logIn())
  const asAda = async (path: string): Promise<string> =>
    (await server.send('GET', path, cookie)).slice(9, 12)
  return { ...server, redis, asAda }
}

test('without the store, users who are only in the store are refused', async (t) => {
  const { redis, send, asAda, visitor, line } = await start(t)
  const exp = Math.floor(Date.now() / 1000) + 600
  const token = await issue({ claims: { iat: exp - 700, exp } })
  const ways = [`Authorization: Basic ${CREDENTIALS}`, `X-API-Key: ${KEY}`]
  for (const way of ways) t.match(await send('GET', '/any', way), /^HTTP\/1\.1 200 /, 'before')
  const withToken = async (): Promise<string> =>
    send('GET', '/token', `Authorization: Bearer ${token}`)
  t.match(await withToken(), /^HTTP\/1\.1 200 /, 'before')
  t.strictSame([await asAda('/private'), await asAda('/public')], ['200', '200'])
  const browser = visitor()
  const page = await browser.visit('/login')

  await redis.kill9()
  await line({ msg: 'store lost' })
  t.strictSame(
    [await asAda('/private'), await asAda('/any'), await asAda('/public')],
    ['503', '503', '200']
  )
  for (const way of ways) {
    const response = await send('GET', '/any', way)
    t.match(response, /^HTTP\/1\.1 503 [^]*\r\nretry-after: \d/i, way)
    t.notMatch(response, /content of|redis|ECONN/i)
  }
  t.match(await withToken(), /^HTTP\/1\.1 200 /, 'its issuer vouches for a token')
  const login = await browser.submit(page, { login: 'ada', password: PASSWORD })
  t.equal(login.status, 503)
  t.equal(browser.session, undefined)
  t.equal((await visitor().visit('/login')).status, 200, 'the form is shown')
  t.equal((await visitor().visit('/private')).status, 302, 'whoever shows nothing is sent there')
})

test('a session continues when the store returns with it', async (t) => {
  const { redis, asAda, line } = await start(t)
  t.equal(await asAda('/private'), '200')
  redis.pause()
  await line({ msg: 'store lost' })
  t.equal(await asAda('/private'), '503')
  redis.resume()
  await waitFor(async () => (await asAda('/private')) === '200', 'the session')
})

test('a session that the store lost has ended', async (t) => {
  const { redis, asAda, line, set, visitor } = await start(t)
  t.equal(await asAda('/private'), '200')
  await redis.kill9()
  await line({ msg: 'store lost' })
  t.equal(await asAda('/private'), '503')
  await redis.restart()
  await waitFor(async () => (await visitor().visit('/public')).status === 404, 'the store')
  await set(`API:${HOST}`, [['^/private', 'private']])
  await set(`API:${HOST}:private`, { methods: { GET: true }, auth: ['ada'] })
  t.equal(await asAda('/private'), '302')
})
