import t from 'tap'
import { buildApp, type LimitedApp } from './limited-app.ts'

/** An app with one entry at /page, whose `rate_limit` is this. */
async function withLimit(t: Parameters<typeof buildApp>[0], rate_limit: object) {
  return buildApp(t, {}, { entries: { '/page': { rate_limit } } })
}

const TWO = { limit: 2, period: 3600 }

async function at(
  { statuses }: LimitedApp,
  method: 'GET' | 'HEAD' | 'POST' | 'PUT',
  times = 1,
  ip = '192.0.2.1'
): Promise<number[]> {
  return statuses(times, { url: '/page', method, ip })
}

t.test('an entry limits each method that it names, by address', async (t) => {
  const app = await withLimit(t, { GET: TWO, POST: { limit: 1, period: 60 } })
  t.same(await at(app, 'GET', 3), [200, 200, 429])
  t.same(await at(app, 'POST', 2), [200, 429])
  t.same(await at(app, 'PUT', 4), [200, 200, 200, 200], 'one that it does not name')
  t.same(await at(app, 'GET', 3, '192.0.2.2'), [200, 200, 429])
  t.same(await app.statuses(3), [200, 200, 200], 'other entries are not limited')
})

t.test('HEAD is counted as GET is', async (t) => {
  const app = await withLimit(t, { GET: TWO })
  t.same(await at(app, 'HEAD'), [200])
  t.same(await at(app, 'GET'), [200])
  t.same(await at(app, 'HEAD'), [429])
})

t.test('HEAD is counted by itself when it is named', async (t) => {
  const app = await withLimit(t, { GET: TWO, HEAD: { limit: 1, period: 60 } })
  t.same(await at(app, 'HEAD', 2), [200, 429])
  t.same(await at(app, 'GET', 3), [200, 200, 429])
})

t.test('an IPv6 client is its /64 for entries, too', async (t) => {
  const app = await withLimit(t, { GET: { limit: 1, period: 60 } })
  t.same(await at(app, 'GET', 1, '2001:db8::1'), [200])
  t.same(await at(app, 'GET', 1, '2001:db8::2'), [429])
  t.same(await at(app, 'GET', 1, '2001:db8:0:1::1'), [200])
})

t.test('addresses on the entry’s list are not limited', async (t) => {
  for (const whitelisted_ip of [
    '192.0.2.1',
    '192.0.2.0/24',
    ' 203.0.113.7,  192.0.2.1 ',
    '203.0.113.7 192.0.2.1',
    ['203.0.113.0/24', '192.0.2.1'],
    '::ffff:192.0.2.1'
  ]) {
    const app = await withLimit(t, { GET: TWO, whitelisted_ip })
    const written = JSON.stringify(whitelisted_ip)
    t.same(await at(app, 'GET', 4), [200, 200, 200, 200], written)
    t.same(await at(app, 'GET', 4, '::ffff:192.0.2.1'), [200, 200, 200, 200], written)
    t.same(await at(app, 'GET', 3, '198.51.100.1'), [200, 200, 429], written)
  }
})

t.test('each entry has its own counter, however long its path is', async (t) => {
  const long = `/${'p'.repeat(2_000)}`
  const rate_limit = { GET: TWO }
  const entries = Object.fromEntries(
    ['/a', '/b', `${long}1`, `${long}2`].map((path) => [path, { rate_limit }])
  )
  const { statuses } = await buildApp(t, {}, { entries })
  for (const url of Object.keys(entries)) t.same(await statuses(3, { url }), [200, 200, 429])
  t.same(await statuses(1, { url: '/a?x=1' }), [429], 'the query string is no part of it')
  t.same(await statuses(1, { url: '/%61' }), [429], 'nor how it is escaped')
})

t.test('a limit of 0 admits no request', async (t) => {
  const app = await withLimit(t, { GET: { limit: 0, period: 60 } })
  t.same(await at(app, 'GET'), [429])
  t.same(await at(app, 'POST'), [200])
})

t.test('an entry’s limit holds beside the policies', async (t) => {
  const { send } = await buildApp(
    t,
    { rate_limits: [{ name: 'all', limit: 10, period: '1d' }] },
    { entries: { '/page': { rate_limit: { GET: TWO } } } }
  )
  const { headers } = await send({ url: '/page' })
  t.equal(headers['ratelimit-policy'], '"all";q=10;w=86400, "GET";q=2;w=3600')
  t.match(headers['ratelimit'], /^"all";r=9;t=\d+, "GET";r=1;t=3600$/)
})
