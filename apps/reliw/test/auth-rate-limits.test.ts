import { test } from 'tap'
import { cookieOf, HOST, PASSWORD, startProtected } from './protected-site.ts'

const FORM = { login: 'ada', password: PASSWORD }

test('a rate-limited login page responds with 429 before verifying a password', async (t) => {
  const { visitor, set, log } = await startProtected(t, { private: { auth: ['ada'] } })
  const methods = { GET: true, POST: true }
  const rate_limit = { POST: { limit: 2, period: 3600 } }
  await set(`API:${HOST}:login`, { methods, auth: { login: true }, rate_limit })
  const browser = visitor()
  for (const status of [401, 401, 429, 429])
    t.equal((await browser.logIn('ada', 'wrong')).status, status)
  const right = await browser.visit('/login', { form: FORM })
  t.equal(right.status, 429)
  t.match(right.headers.get('retry-after'), /^\d+$/)
  t.notOk(browser.session, 'not even the right one')
  t.equal((await browser.visit('/login')).status, 200, 'the page itself is not counted')
  t.equal(log.filter(({ msg }) => msg === 'audit').length, 2)
})

test('a limit on a protected entry counts admitted requests', async (t) => {
  const rate_limit = { GET: { limit: 2, period: 3600 } }
  const { logIn, send, visitor } = await startProtected(
    t,
    { private: { auth: ['ada'], rate_limit } },
    { [`FILES:${HOST}:/private`]: { content: 'text' } }
  )
  const ada = cookieOf(await logIn())
  for (let n = 0; n < 5; n++) t.equal((await visitor().visit('/private')).status, 302)
  const responses = []
  for (let n = 0; n < 4; n++) responses.push((await send('GET', '/private', ada)).slice(9, 12))
  t.strictSame(responses, ['200', '200', '429', '429'])
})

test('a policy by user counts each user, wherever they are', async (t) => {
  const policy = { name: 'each', limit: 2, period: '1h', key: 'user', scope: 'route' }
  const { logIn, send, set } = await startProtected(
    t,
    { private: { auth: { any: ['session'] } } },
    { [`FILES:${HOST}:/private`]: { content: 'x' } }
  )
  const [ada, again, bob] = [await logIn(), await logIn(), await logIn('bob')].map(cookieOf)
  await set(`SITE:${HOST}`, { rate_limits: [policy] })
  const statuses = []
  for (const cookie of [ada, again, ada, again, bob, bob, bob])
    statuses.push((await send('GET', '/private', cookie ?? '')).slice(9, 12))
  t.strictSame(statuses, ['200', '200', '429', '429', '200', '200', '429'])
})

test('guessing is slowed down without any limit, and no user can be locked out for long', async (t) => {
  const { visitor, line } = await startProtected(t, { private: { auth: ['ada'] } })
  const guesser = visitor()
  const statuses = new Set<number>()
  for (let n = 0; n < 8; n++) statuses.add((await guesser.logIn('ada', `guess ${n}`)).status)
  t.strictSame([...statuses], [401, 429])
  const told = await guesser.logIn('ada', PASSWORD)
  t.equal(told.status, 429, 'a right one has to wait as well')
  t.ok(Number(told.headers.get('retry-after')) <= 60)
  t.equal((await visitor().logIn('bob', PASSWORD)).status, 303, 'others need not')
  t.match(await line({ audit: true }), { event: 'failure', user: 'ada' })
})
