import { join } from 'node:path'
import { openStore, type StoreOptions } from '@reliw/store'
import { HUNG_AFTER, startRedis, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import type { Config } from '../src/index.ts'
import { createWorkplace, type Served } from './cli/run-cli.ts'
import { ask } from './cli/serving.ts'
import { openSites } from './site-writer.ts'
import { SITES } from './waf-site.ts'

const CONFIG = {
  trusted_proxies: ['127.0.0.1'],
  allow: ['198.51.100.7'],
  auto_ban: { waf_blocks: { threshold: 3, duration: '10m' } }
} satisfies Config

const RULES = {
  __: { query: ['attack'] },
  'b.example': { mode: 'detect' },
  'c.example': { query: ['cut'], action: { close: true } }
}

/** The status of a response to a client, as the proxy before the server names it; 0: none. */
async function get({ port }: Served, client: string, path: string, host = 'a.example') {
  const reply = await ask(port, path, { host, 'x-forwarded-for': client }).catch(() => undefined)
  return reply?.status ?? 0
}

/** Asks for what is not answered. */
async function getCut(server: Served, client: string): Promise<number> {
  return get(server, client, '/x?cut', 'c.example')
}

/** What two servers do that share a store. */
async function twoServers(t: Test, servers: Served[], options: StoreOptions): Promise<void> {
  const [one, other] = servers as [Served, Served]
  const store = await openStore(options)
  t.teardown(() => store.close())
  await store.ready(HUNG_AFTER)
  const { driver, keys } = store
  const fields = Object.entries(RULES).map(([owner, rules]) => [owner, JSON.stringify(rules)])
  await driver.write([{ op: 'hset', key: keys.waf(), fields: Object.fromEntries(fields) }])
  const heard: string[] = []
  await driver.subscribe(keys.channel('WAFFERS'), (address) => heard.push(address))
  for (const server of servers)
    await waitFor(async () => (await get(server, '198.51.100.7', '/x?attack')) === 403, 'rules')

  await t.test('clients that rules block repeatedly are banned by both servers', async (t) => {
    for (const server of [one, other]) {
      t.equal(await get(server, '203.0.113.1', '/x?attack'), 403)
      t.equal(await get(server, '203.0.113.1', '/x'), 200, 'not yet')
    }
    await waitFor(async () => {
      await get(one, '203.0.113.1', '/x?attack')
      return (await get(one, '203.0.113.1', '/x')) === 403
    }, 'the ban')
    await waitFor(async () => (await get(other, '203.0.113.1', '/x')) === 403, 'the other’s')
    t.equal(await get(other, '203.0.113.2', '/x'), 200, 'others are not')
    const ban = JSON.parse(String(await driver.get(keys.ban('203.0.113.1')))) as object
    t.match(ban, { reason: 'blocked by the WAF', by: 'auto' })
    const left = (await driver.ttl(keys.ban('203.0.113.1'))) ?? Infinity
    t.ok(left > 0 && left <= 600_000, `${left} ms`)
  })

  await t.test('clients whose connections rules close are banned, too', async (t) => {
    t.same([await getCut(one, '203.0.113.3'), await getCut(one, '203.0.113.3')], [0, 0])
    await waitFor(async () => (await getCut(one, '203.0.113.3')) === 403, 'the ban')
  })

  await t.test('clients in detect mode and allowed clients are not banned', async (t) => {
    for (let turn = 0; turn < 6; turn++) {
      t.equal(await get(one, '203.0.113.4', '/x?attack', 'b.example'), 200)
      t.equal(await get(other, '198.51.100.7', '/x?attack'), 403)
    }
    t.equal(await get(one, '198.51.100.7', '/x'), 200)
    for (const client of ['203.0.113.4', '198.51.100.7'])
      t.equal(await driver.get(keys.ban(client)), undefined, client)
    t.notOk(heard.includes('203.0.113.4'))
  })

  await t.test('blocked clients are published to all servers', async (t) => {
    for (const client of ['198.51.100.7', '203.0.113.1', '203.0.113.3'])
      await waitFor(() => heard.includes(client), client)
    t.notOk(heard.includes('203.0.113.2'))
  })
}

t.test('two servers on one embedded store', async (t) => {
  const place = createWorkplace(t, CONFIG)
  const options = { dir: join(place.dir, 'reliw-store') }
  await openSites(t, options, SITES)
  await twoServers(t, await Promise.all([place.serve(), place.serve()]), options)
})

t.test('two servers on one Redis', async (t) => {
  const options = { redis: { port: (await startRedis(t)).port } }
  const place = createWorkplace(t, { ...CONFIG, ...options })
  await openSites(t, options, SITES)
  await twoServers(t, await Promise.all([place.serve(), place.serve()]), options)
})
