import { randomUUID } from 'node:crypto'
import type { Store } from '@reliw/model'
import { openRaw, portOf, startRedis, tempDir, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { openFor, put } from './bans-contract.ts'
import { type RequestOptions, buildApp, type LimitedApp, setSite } from './limited-app.ts'

const NONE = { name: 'none', limit: 0, period: '1d', count: 'process' } as const

/** Waits until a ban is in force: the list reads the store by itself. */
async function isBanned(
  { send }: Pick<LimitedApp, 'send'>,
  requested: RequestOptions
): Promise<void> {
  await waitFor(async () => (await send(requested)).status === 403, 'the ban')
}

async function contract(t: Test, store: Store): Promise<void> {
  await put(store, '192.0.2.1')
  await put(store, '198.51.100.0/24')
  await put(store, '2001:db8:0:1::/64')

  await t.test('banned clients are refused on every host, others are not', async (t) => {
    const app = await buildApp(t, { store })
    await isBanned(app, {})
    for (const ip of ['192.0.2.1', '::ffff:192.0.2.1', '198.51.100.200', '2001:db8:0:1::7']) {
      t.equal((await app.send({ ip, host: `${randomUUID()}.example` })).status, 403, ip)
    }
    for (const ip of ['192.0.2.2', '198.51.101.1', '2001:db8:0:2::7']) {
      t.equal((await app.send({ ip })).status, 200, ip)
    }
  })

  await t.test('a ban goes before every limit, and uses none', async (t) => {
    const app = await buildApp(t, { store, rate_limits: [NONE], max_concurrent_requests: 1 })
    await isBanned(app, {})
    const { headers } = await app.send()
    t.equal(headers['ratelimit'], undefined)
    t.equal(app.app.limits.concurrency.total, 0)
  })

  await t.test('whom the server allows is neither banned nor limited', async (t) => {
    const allow = ['192.0.2.0/30', '2001:db8::/32']
    const app = await buildApp(t, { store, allow, rate_limits: [NONE] })
    await isBanned(app, { ip: '198.51.100.1' })
    for (const ip of ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8:0:1::7']) {
      const { status, headers } = await app.send({ ip })
      t.equal(status, 200, ip)
      t.equal(headers['ratelimit'], undefined)
    }
    t.equal((await app.send({ ip: '192.0.2.4' })).status, 429)
  })

  await t.test('whom a site allows is neither banned nor limited there', async (t) => {
    await setSite(store, { allow: ['198.51.100.0/28'], rate_limits: [NONE] }, 'b.example')
    const app = await buildApp(t, { store })
    await isBanned(app, {})
    t.equal((await app.send({ ip: '198.51.100.1', host: 'b.example' })).status, 200)
    t.equal((await app.send({ ip: '198.51.100.1', host: 'c.example' })).status, 403)
    t.equal((await app.send({ ip: '198.51.100.16', host: 'b.example' })).status, 403)
    t.equal((await app.send({ ip: '192.0.2.4', host: 'b.example' })).status, 429)
  })

  await t.test('bans are of the client, not of the proxy before it', async (t) => {
    const app = await buildApp(t, { store, trusted_proxies: ['192.0.2.1'] })
    const behind = (client: string) =>
      app.send({ ip: '192.0.2.1', headers: { 'x-forwarded-for': client } })
    await waitFor(async () => (await behind('198.51.100.1')).status === 403, 'the ban')
    t.equal((await behind('203.0.113.1')).status, 200)
  })
}

t.test('bans of the embedded store', async (t) => {
  await contract(t, await openFor(t, { dir: tempDir(t) }))
})

t.test('bans of Redis', async (t) => {
  const { port } = await startRedis(t)
  await contract(t, await openFor(t, { redis: { port, db: 0, timeout: '5s' } }))
})

t.test('the refusal of a banned client ends its connection and has no details', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  await put(store, '127.0.0.0/8')
  const { app, send } = await buildApp(t, { store })
  await isBanned({ send }, { ip: '127.0.0.1' })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = openRaw(portOf(app.server))
  t.teardown(() => client.destroy())
  client.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'.repeat(2))
  const response = await client.readToEnd()
  t.match(response, /^HTTP\/1\.1 403 [^]*\r\nconnection: close\r\n[^]*RELIW_LIMITS_BANNED/)
  t.equal(response.match(/HTTP\/1\.1/g)?.length, 1)
})

t.test('an invalid host or path is refused before any client is counted', async (t) => {
  const { send, statuses } = await buildApp(t, { rate_limits: [{ ...NONE, limit: 1 }] })
  t.same(await statuses(3, { host: 'a b' }), [400, 400, 400])
  t.same(await statuses(3, { url: '/a%2fb' }), [400, 400, 400])
  t.equal((await send()).status, 200)
})

t.test('without a store there are no bans, and policies count all the same', async (t) => {
  const { app, statuses } = await buildApp(t, {
    rate_limits: [{ ...NONE, count: 'store', limit: 1 }]
  })
  t.equal(app.limits.bans, undefined)
  t.same(await statuses(2), [200, 429])
})
