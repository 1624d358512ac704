import t from 'tap'
import { buildApp } from './limited-app.ts'

/** Two requests a day. */
const TWO = { name: 'two', limit: 2, period: '1d' } as const

t.test('each client has its own budget on each host', async (t) => {
  const { statuses } = await buildApp(t, { rate_limits: [TWO] })
  t.same(await statuses(3), [200, 200, 429])
  t.same(await statuses(1, { url: '/another', method: 'POST' }), [429], 'whatever the request')
  t.same(await statuses(3, { ip: '192.0.2.2' }), [200, 200, 429])
  t.same(await statuses(3, { host: 'b.example' }), [200, 200, 429])
})

t.test('a global policy counts all hosts together', async (t) => {
  const { send } = await buildApp(t, { rate_limits: [{ ...TWO, scope: 'global' }] })
  t.equal((await send({ host: 'a.example' })).status, 200)
  t.equal((await send({ host: 'b.example' })).status, 200)
  t.equal((await send({ host: 'c.example' })).status, 429)
  t.equal((await send({ host: 'c.example', ip: '192.0.2.2' })).status, 200)
})

t.test('a policy of routes counts each entry on its own', async (t) => {
  const options = { rate_limits: [{ ...TWO, scope: 'route' as const }] }
  const { statuses } = await buildApp(t, options, { entries: { '/one': {}, '/two': {} } })
  t.same(await statuses(3, { url: '/one' }), [200, 200, 429])
  t.same(await statuses(3, { url: '/two' }), [200, 200, 429])
  t.same(await statuses(3, { url: '/rest/1' }), [200, 200, 429])
  t.same(await statuses(1, { url: '/rest/2' }), [429], 'an entry may have many paths')
})

t.test('a policy counts only its methods', async (t) => {
  const { statuses } = await buildApp(t, { rate_limits: [{ ...TWO, methods: ['POST', 'PUT'] }] })
  t.same(await statuses(5), [200, 200, 200, 200, 200])
  t.same(await statuses(1, { method: 'PUT' }), [200])
  t.same(await statuses(2, { method: 'POST' }), [200, 429])
  t.same(await statuses(1, { method: 'PUT' }), [429])
  t.same(await statuses(1), [200])
})

t.test('a policy does not count the clients that it allows', async (t) => {
  const { statuses } = await buildApp(t, {
    rate_limits: [
      { ...TWO, limit: 0, allow: ['192.0.2.0/28', '2001:db8::/32'] },
      { ...TWO, name: 'other', allow: ['192.0.2.7'] }
    ]
  })
  t.same(await statuses(3, { ip: '192.0.2.7' }), [200, 200, 200])
  t.same(await statuses(3, { ip: '::ffff:192.0.2.7' }), [200, 200, 200])
  t.same(await statuses(3, { ip: '192.0.2.8' }), [200, 200, 429], 'others do')
  t.same(await statuses(3, { ip: '2001:db8::1' }), [200, 200, 429])
  t.same(await statuses(1, { ip: '192.0.2.16' }), [429])
})

t.test('all policies have to let a request in, and each counts it', async (t) => {
  const { send } = await buildApp(t, {
    rate_limits: [
      { ...TWO, name: 'many', limit: 5 },
      { ...TWO, name: 'gone', limit: 1, scope: 'route' },
      { ...TWO, name: 'none', limit: 0, methods: ['PUT'] }
    ]
  })
  t.equal((await send()).status, 200)
  t.equal((await send()).status, 429)
  t.equal((await send({ method: 'PUT' })).status, 429)
  const { headers } = await send()
  t.match(headers['ratelimit'], /^"many";r=1;t=\d+, "gone";r=0;t=\d+$/)
})

t.test('each algorithm reports when a request is allowed again', async (t) => {
  const day = 86_400
  const { send } = await buildApp(t, {
    rate_limits: [
      { ...TWO, name: 'fixed', algorithm: 'fixed', methods: ['GET'] },
      { ...TWO, name: 'steady', algorithm: 'gcra', methods: ['POST'] },
      { ...TWO, name: 'one', algorithm: 'gcra', limit: 4, burst: 1, methods: ['PUT'] }
    ]
  })
  const refused = async (method: 'GET' | 'POST' | 'PUT', lets: number): Promise<number> => {
    for (let n = 0; n < lets; n++) t.equal((await send({ method })).status, 200, method)
    const { status, headers } = await send({ method })
    t.equal(status, 429, method)
    return Number(headers['retry-after'])
  }
  t.ok(near(await refused('GET', 2), day), 'a fixed window begins with its first use')
  t.ok(near(await refused('POST', 2), day / 2), 'a steady rate gives one back after the other')
  t.ok(near(await refused('PUT', 1), day / 4), 'a burst is what may come at once')
})

/** Whether it is so long, but for what has passed meanwhile. */
function near(seconds: number, expected: number): boolean {
  return seconds <= expected && seconds > expected - 60
}

t.test('addresses that are allowed are limited by no policy', async (t) => {
  const rate_limits = [
    { ...TWO, limit: 0 },
    { ...TWO, name: 'later', limit: 0, scope: 'route' as const }
  ]
  const { send, statuses } = await buildApp(t, { rate_limits, allow: ['192.0.2.0/24'] })
  const { status, headers } = await send()
  t.equal(status, 200)
  t.equal(headers['ratelimit'], undefined)
  t.same(await statuses(1, { ip: '198.51.100.1' }), [429])
})
