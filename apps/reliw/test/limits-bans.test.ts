import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { join } from 'node:path'
import { openStore, type StoreOptions } from '@reliw/store'
import { HUNG_AFTER, startRedis, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import type { Config } from '../src/index.ts'
import { createWorkplace, type Served } from './cli/run-cli.ts'
import type { Line } from './log-lines.ts'
import { openSites } from './site-writer.ts'

const RULES = {
  trusted_proxies: ['127.0.0.1'],
  allow: ['198.51.100.7'],
  auto_ban: { not_found: { threshold: 6 }, login_failures: { threshold: 4, duration: '10m' } }
} satisfies Config

const SITE = {
  'API:a.example': [
    ['/login', 'login', true],
    ['^/', 'page']
  ],
  'API:a.example:login': { methods: { GET: true, POST: true }, auth: { login: true } },
  'API:a.example:page': { methods: { GET: true } },
  'FILES:a.example:/page.txt': { content: 'a page' }
}

/** The status of a response to a client, as the proxy before the server names it. */
async function ask({ port }: Served, client: string, path: string, form?: string): Promise<number> {
  const type = 'application/x-www-form-urlencoded'
  const headers = { host: 'a.example', 'x-forwarded-for': client, 'content-type': type }
  const method = form === undefined ? 'GET' : 'POST'
  return new Promise((resolve, reject) => {
    request({ port, path, method, headers, agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0))
    })
      .on('error', reject)
      .end(form)
  })
}

type Offence = (server: Served, client: string) => Promise<number>

/** Answered 404. */
const getLost: Offence = (server, client) => ask(server, client, '/missing')

/** Answered 401: each user is tried once, or the login page itself would refuse to go on. */
const mistype: Offence = (server, client) =>
  ask(server, client, '/login', `login=${randomUUID()}&password=wrong`)

/** Waits until both have banned a client. It goes on: what the store is too late to count is lost. */
async function isBanned(t: Test, servers: Served[], client: string, offend: Offence) {
  for (const server of servers) {
    await waitFor(async () => (await offend(server, client)) === 403, 'the ban')
    t.equal(await ask(server, client, '/page.txt'), 403)
  }
}

function isBanOf(line: Line, address: string): boolean {
  return line['audit'] === true && line['event'] === 'ban' && line['address'] === address
}

/** What two servers do that share a store. */
async function twoServers(t: Test, servers: Served[], options: StoreOptions): Promise<void> {
  const [one, other] = servers as [Served, Served]
  const store = await openStore(options)
  t.teardown(() => store.close())
  await store.ready(HUNG_AFTER)
  const lifeOf = (client: string) => store.driver.ttl(store.keys.ban(client))

  await t.test('clients with repeated 404s are banned by both servers', async (t) => {
    for (const server of [one, one, one, other, other])
      t.equal(await getLost(server, '203.0.113.1'), 404)
    t.equal(await ask(one, '203.0.113.1', '/page.txt'), 200, 'once more is allowed')
    t.equal(await getLost(other, '203.0.113.1'), 404)
    await isBanned(t, servers, '203.0.113.1', getLost)
    t.equal(await ask(one, '203.0.113.2', '/page.txt'), 200, 'others are not')
    const left = (await lifeOf('203.0.113.1')) ?? 0
    t.ok(left > 3_000_000 && left <= 3_600_000, `${left} ms`)
  })

  await t.test('clients with repeated login failures are banned by both servers', async (t) => {
    for (const server of [one, other, one]) t.equal(await mistype(server, '203.0.113.3'), 401)
    t.equal(await ask(one, '203.0.113.3', '/page.txt'), 200)
    t.equal(await mistype(other, '203.0.113.3'), 401)
    await isBanned(t, servers, '203.0.113.3', mistype)
    t.ok(((await lifeOf('203.0.113.3')) ?? Infinity) <= 600_000)
    const lines = (): Line[] => servers.flatMap(({ log }) => log)
    await waitFor(() => lines().some((line) => isBanOf(line, '203.0.113.3')), 'the line')
  })

  await t.test('an IPv6 client is banned with its /64', async (t) => {
    for (let n = 1; n <= 6; n++) await getLost(one, `2001:db8:0:1::${n}`)
    await isBanned(t, servers, '2001:db8:0:1:ffff::9', getLost)
  })

  await t.test('allowed clients are never banned', async (t) => {
    for (let n = 0; n < 10; n++) t.equal(await getLost(one, '198.51.100.7'), 404)
    for (let n = 0; n < 5; n++) t.equal(await mistype(other, '198.51.100.7'), 401)
    t.equal(await ask(one, '198.51.100.7', '/page.txt'), 200)
    t.equal(await store.driver.get(store.keys.ban('198.51.100.7')), undefined)
  })
}

t.test('two servers on one embedded store', async (t) => {
  const place = createWorkplace(t, RULES)
  const options = { dir: join(place.dir, 'reliw-store') }
  await openSites(t, options, SITE)
  await twoServers(t, await Promise.all([place.serve(), place.serve()]), options)
})

t.test('two servers on one Redis', async (t) => {
  const options = { redis: { port: (await startRedis(t)).port } }
  const place = createWorkplace(t, { ...RULES, ...options })
  await openSites(t, options, SITE)
  await twoServers(t, await Promise.all([place.serve(), place.serve()]), options)
})
