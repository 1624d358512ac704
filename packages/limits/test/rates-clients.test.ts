import t from 'tap'
import { buildApp } from './limited-app.ts'

/** One request a day. */
const ONCE = { name: 'once', limit: 1, period: '1d' } as const

t.test('an IPv6 client is its /64', async (t) => {
  const { statuses } = await buildApp(t, { rate_limits: [ONCE] })
  t.same(await statuses(1, { ip: '2001:db8:0:1::1' }), [200])
  t.same(await statuses(1, { ip: '2001:db8:0:1:ffff::2' }), [429])
  t.same(await statuses(1, { ip: '2001:DB8::1:0:0:0:3' }), [429], 'however it is written')
  t.same(await statuses(1, { ip: '2001:db8:0:2::1' }), [200])
})

t.test('an IPv4 client is the same over IPv6', async (t) => {
  const { statuses } = await buildApp(t, { rate_limits: [ONCE] })
  t.same(await statuses(1, { ip: '::ffff:192.0.2.1' }), [200])
  t.same(await statuses(1, { ip: '192.0.2.1' }), [429])
  t.same(await statuses(1, { ip: '::ffff:192.0.2.2' }), [200], 'not all of them are one')
})

t.test(
  'clients behind a trusted proxy each have their budget, whatever others claim',
  async (t) => {
    const { statuses } = await buildApp(t, {
      rate_limits: [ONCE],
      trusted_proxies: ['192.0.2.1']
    })
    const behind = (ip: string, client: string) =>
      statuses(1, { ip, headers: { 'x-forwarded-for': client } })
    t.same(await behind('192.0.2.1', '203.0.113.1'), [200])
    t.same(await behind('192.0.2.1', '203.0.113.2'), [200])
    t.same(await behind('192.0.2.1', '10.0.0.1, 203.0.113.1'), [429])
    t.same(await behind('192.0.2.2', '203.0.113.3'), [200])
    t.same(await behind('192.0.2.2', '203.0.113.4'), [429], 'a client that claims to be others')
  }
)

t.test('a policy of users counts each user, wherever from', async (t) => {
  const { statuses } = await buildApp(t, { rate_limits: [{ ...ONCE, key: 'user' }] })
  const by = (user: string, ip: string) => statuses(1, { ip, headers: { 'x-user': user } })
  t.same(await by('ann', '192.0.2.1'), [200])
  t.same(await by('ann', '192.0.2.2'), [429])
  t.same(await by('bob', '192.0.2.2'), [200])
  t.same(await statuses(2, { ip: '192.0.2.1' }), [200, 429], 'and addresses of who is nobody')
  t.same(await by('192.0.2.1', '192.0.2.9'), [200], 'a user is never taken for an address')
})

t.test('users with long names have their own budgets, too', async (t) => {
  const { statuses } = await buildApp(t, { rate_limits: [{ ...ONCE, key: 'user' }] })
  const by = (user: string) => statuses(2, { headers: { 'x-user': user } })
  const long = 'n'.repeat(5_000)
  t.same(await by(`${long}1`), [200, 429])
  t.same(await by(`${long}2`), [200, 429])
})

t.test('a policy of a header counts each of its values', async (t) => {
  const rate_limits = [{ ...ONCE, key: 'header:X-Api-Key' }]
  const { statuses } = await buildApp(t, { rate_limits })
  const using = (key: string, ip: string) => statuses(1, { ip, headers: { 'x-api-key': key } })
  t.same(await using('one', '192.0.2.1'), [200])
  t.same(await using('one', '192.0.2.2'), [429])
  t.same(await using('two', '192.0.2.2'), [200])
  t.same(await using('', '192.0.2.2'), [200], 'an empty one is one')
  t.same(await statuses(2, { ip: '192.0.2.3' }), [200, 429], 'without it, the address')
  t.same(await using('192.0.2.4', '192.0.2.5'), [200])
  t.same(await statuses(1, { ip: '192.0.2.4' }), [200], 'which no value can be taken for')
})
