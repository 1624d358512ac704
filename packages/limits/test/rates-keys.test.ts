import type { Store } from '@reliw/model'
import { startRedis, tempDir } from '@reliw/testing'
import t, { type Test } from 'tap'
import { openFor } from './bans-contract.ts'
import { sendCounted, buildApp } from './limited-app.ts'

const DAY = 86_400_000

/** The counters whose keys are like this: key → value. */
async function countersLike({ driver }: Store, pattern: RegExp): Promise<Map<string, string>> {
  const counters = new Map<string, string>()
  for await (const batch of driver.keys('RLW:LIMITS:')) {
    for (const key of batch) {
      if (pattern.test(key)) counters.set(key, String(await driver.get(key)))
    }
  }
  return counters
}

/** What is in the store, whatever it stands on. */
async function contract(t: Test, store: Store): Promise<void> {
  await store.driver.write([{ op: 'set', key: store.keys.routes('a.example'), value: '[]' }])
  await t.test('an entry’s counter is a plain number that lives for its period', async (t) => {
    const rate_limit = { GET: { limit: 99, period: 600 } }
    const app = await buildApp(t, { store }, { entries: { '/page': { rate_limit } } })
    for (const [ip, client] of [
      ['192.0.2.1', '192.0.2.1'],
      ['::ffff:192.0.2.2', '192.0.2.2'],
      ['2001:db8:0:1:2::3', '2001:db8:0:1::/64']
    ] as const) {
      await sendCounted(app, { url: '/page', ip })
      const key = `RLW:LIMITS:a.example:GET:page:${client}`
      t.match(String(await store.driver.get(key)), /^\d+$/, key)
      const left = (await store.driver.ttl(key)) ?? 0
      t.ok(left > 500_000 && left <= 600_000, `${left} ms`)
    }
  })

  await t.test('counts of other servers in the store count', async (t) => {
    const rate_limit = { POST: { limit: 3, period: 600 } }
    const app = await buildApp(t, { store }, { entries: { '/form': { rate_limit } } })
    const key = 'RLW:LIMITS:a.example:POST:form:192.0.2.1'
    await store.driver.increment([{ key, by: 3, ttl: 600_000 }])
    const requested = { url: '/form', method: 'POST' } as const
    await sendCounted(app, requested)
    t.equal(String(await store.driver.get(key)), '3')
    await sendCounted(app, { ...requested, ip: '192.0.2.2' })
    t.equal((await countersLike(store, /:POST:form:192\.0\.2\.2$/)).size, 1)
  })

  await t.test('a long id of an entry is in the key as a hash', async (t) => {
    const url = `/${'é'.repeat(500)}`
    const rate_limit = { GET: { limit: 99, period: 600 } }
    const app = await buildApp(t, { store }, { entries: { [url]: { rate_limit } } })
    await sendCounted(app, { url: encodeURI(url) })
    const counters = await countersLike(store, /:a\.example:GET:[\w-]{22}:192\.0\.2\.1$/)
    t.match([...counters.values()], [/^\d+$/])
  })

  await t.test('policies are named in their keys, and secrets are not', async (t) => {
    const policy = { limit: 99, period: '1d' } as const
    const app = await buildApp(
      t,
      {
        store,
        rate_limits: [
          { ...policy, name: 'everywhere', scope: 'global' },
          { ...policy, name: 'here', algorithm: 'fixed' },
          { ...policy, name: 'entry', scope: 'route', algorithm: 'gcra' },
          { ...policy, name: 'user', key: 'user', algorithm: 'fixed' },
          { ...policy, name: 'token', key: 'header:Authorization', algorithm: 'fixed' },
          { ...policy, name: 'own', count: 'process' }
        ]
      },
      { entries: { '/page': {} } }
    )
    const headers = { 'x-user': 'ann', authorization: 'Bearer secret' }
    await sendCounted(app, { url: '/page', headers })
    const counters = await countersLike(store, /:@/)
    const valueOf = (key: string): string => counters.get(`RLW:LIMITS:${key}`) ?? ''
    t.match(valueOf('__:@everywhere:192.0.2.1'), /^\d+ \d+ \d+$/)
    t.match(valueOf('a.example:@here:192.0.2.1'), /^\d+$/)
    t.match(valueOf('a.example:@entry:page:192.0.2.1'), /^\d+ \d+$/)
    t.match(valueOf('a.example:@user:user:ann'), /^\d+$/)
    t.equal((await countersLike(store, /:a\.example:@token:hash:[0-9a-f]{4}$/)).size, 1)
    t.equal(counters.size, 5, 'those that the process counts are not there')
    t.notMatch([...counters.keys()].join('\n'), /secret/)
    for (const key of counters.keys()) {
      const left = (await store.driver.ttl(key)) ?? Infinity
      t.ok(left <= 2 * DAY, `${key} ends`)
    }
  })

  await t.test('a user with a long name is counted there, too', async (t) => {
    const rate_limits = [{ name: 'long', limit: 99, period: '1d', key: 'user' as const }]
    const app = await buildApp(t, { store, rate_limits })
    await sendCounted(app, { headers: { 'x-user': 'n'.repeat(5_000) } })
    t.equal((await countersLike(store, /:a\.example:@long:user:[\w-]{22}$/)).size, 1)
  })
}

t.test('counters in the embedded store', async (t) => {
  await contract(t, await openFor(t, { dir: tempDir(t) }))
})

t.test('counters in Redis', async (t) => {
  const { port } = await startRedis(t)
  await contract(t, await openFor(t, { redis: { port, db: 0, timeout: '5s' } }))
})
