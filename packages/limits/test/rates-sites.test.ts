import type { Store } from '@reliw/model'
import { startRedis, tempDir, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { openFor } from './bans-contract.ts'
import { buildApp, setSite } from './limited-app.ts'

/** Counted by the process, so that it is of no importance how soon the store responds. */
const ONCE = { name: 'once', limit: 1, period: '1d', count: 'process' } as const

/** What sites say, written by one connection and read by another. */
async function contract(t: Test, store: Store, operator: Store): Promise<void> {
  await t.test('a change of a site’s policies holds from then on', async (t) => {
    const { send, statuses } = await buildApp(t, { store })
    const isKnown = async (value: object, label: string, ip: string): Promise<void> => {
      await setSite(operator, value)
      await waitFor(async () => {
        const { headers } = await send({ ip })
        return (headers['ratelimit-policy'] ?? '') === label
      }, `the policy ${label}`)
    }
    t.same(await statuses(3), [200, 200, 200])
    await isKnown({ rate_limits: [ONCE] }, '"once";q=1;w=86400', '192.0.2.200')
    t.same(await statuses(2), [200, 429])
    t.same(await statuses(2, { host: 'b.example' }), [200, 200], 'other sites say nothing')
    await isKnown({ rate_limits: [{ ...ONCE, limit: 2 }] }, '"once";q=2;w=86400', '192.0.2.201')
    t.same(await statuses(2, { ip: '192.0.2.3' }), [200, 200])
    await isKnown({ allow: ['198.51.100.0/24'] }, '', '192.0.2.202')
    t.same(await statuses(2, { ip: '192.0.2.3' }), [200, 200])
  })

  await t.test(
    'a client that a site allows is limited by neither the site nor the server',
    async (t) => {
      const rate_limits = [{ ...ONCE, name: 'server' }]
      const { statuses } = await buildApp(t, { store, rate_limits })
      await setSite(operator, { rate_limits: [ONCE], allow: '192.0.2.0/24' }, 'c.example')
      t.same(await statuses(3, { host: 'c.example' }), [200, 200, 200])
      t.same(await statuses(2, { host: 'c.example', ip: '198.51.100.1' }), [200, 429])
      t.same(await statuses(2, { host: 'd.example' }), [200, 429], 'it is allowed there only')
    }
  )

  await t.test('an invalid value leaves the last valid one in force', async (t) => {
    const { statuses } = await buildApp(t, { store })
    await setSite(operator, { rate_limits: [ONCE] }, 'e.example')
    t.same(await statuses(2, { host: 'e.example' }), [200, 429])
    await setSite(operator, { rate_limits: [{ ...ONCE, limits: 5 }] }, 'e.example')
    t.same(await statuses(2, { host: 'e.example' }), [429, 429])
  })

  await t.test('a site’s policy is another than the server’s of that name', async (t) => {
    const server = { ...ONCE, limit: 5, algorithm: 'gcra' as const }
    const { statuses, send } = await buildApp(t, { store, rate_limits: [server] })
    const own = { ...ONCE, limit: 3, algorithm: 'fixed' }
    await setSite(operator, { rate_limits: [own] }, 'f.example')
    t.same(await statuses(4, { host: 'f.example' }), [200, 200, 200, 429])
    const { headers } = await send({ host: 'f.example', ip: '192.0.2.9' })
    t.match(headers['ratelimit'], /^"once";r=4;t=\d+, "once";r=2;t=\d+$/)
  })

  await t.test('site and server may name policies alike in the store, too', async (t) => {
    const policy = { name: 'same', limit: 9, period: '1d' } as const
    const { send } = await buildApp(t, { store, rate_limits: [{ ...policy, algorithm: 'gcra' }] })
    await setSite(operator, { rate_limits: [{ ...policy, algorithm: 'fixed' }] }, 'g.example')
    const key = 'RLW:LIMITS:g.example:@site/same:192.0.2.1'
    await waitFor(async () => {
      await send({ host: 'g.example' })
      return Number(await store.driver.get(key)) > 1
    }, 'a second use')
  })
}

t.test('sites in the embedded store', async (t) => {
  const dir = tempDir(t)
  await contract(t, await openFor(t, { dir }), await openFor(t, { dir }))
})

t.test('sites in Redis', async (t) => {
  const redis = { port: (await startRedis(t)).port, db: 0, timeout: '5s' }
  await contract(t, await openFor(t, { redis }), await openFor(t, { redis }))
})

t.test('in the embedded store a change holds for the very next request', async (t) => {
  const dir = tempDir(t)
  const store = await openFor(t, { dir })
  const operator = await openFor(t, { dir })
  const { send } = await buildApp(t, { store })
  for (const limit of [5, 0, 7, 0, 9]) {
    await setSite(operator, { rate_limits: [{ ...ONCE, limit }] })
    const { status, headers } = await send()
    t.equal(status, limit === 0 ? 429 : 200)
    t.equal(headers['ratelimit-policy'], `"once";q=${limit};w=86400`)
  }
})
