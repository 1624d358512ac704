import type { Store } from '@reliw/model'
import { startRedis, type RedisServer, type TestContext } from '@reliw/testing'
import t from 'tap'
import { startMetered } from './metered-app.ts'
import { openFor } from './stores.ts'

// Slow where much else is running.
const SITES = 100_000
const AT_ONCE = 10_000
const TOTAL = 'http_requests_total'

/** Writes sites, and the counts of every nth one. */
const WRITE = `
for site = ARGV[1], ARGV[2] do
  local host = 'h' .. site .. '.example'
  redis.call('SET', 'RLW:API:' .. host, '[["/", "home"]]')
  redis.call('SET', 'RLW:API:' .. host .. ':home', '{"methods": {"GET": true}}')
  if site % ARGV[3] == 0 then
    redis.call('HSET', 'RLW:METRICS:' .. host .. ':total', '200', site, '404', 1)
    redis.call('HSET', 'RLW:METRICS:' .. host .. ':by_method', 'GET', site)
    redis.call('HSET', 'RLW:METRICS:' .. host .. ':by_request', '/', site)
  end
end`

/** A store that does not take a busy machine for an outage. Opened when all is written: it would be told of each. */
async function openPatient(t: TestContext, { host, port }: RedisServer): Promise<Store> {
  return openFor(t, { redis: { host, port, db: 0, timeout: '10s' } })
}

async function writeSites(redis: RedisServer, nth: number): Promise<void> {
  for (let site = 0; site < SITES; site += AT_ONCE) {
    await redis.command('EVAL', WRITE, 0, site, site + AT_ONCE - 1, nth)
  }
}

/** How often Redis did what, since it was asked last. */
async function commandsOf(redis: RedisServer): Promise<Record<string, number>> {
  const text = String(await redis.command('INFO', 'commandstats'))
  await redis.command('CONFIG', 'RESETSTAT')
  const calls = text.matchAll(/^cmdstat_(\S+):calls=(\d+)/gm)
  return Object.fromEntries(Array.from(calls, ([, name = '', count]) => [name, Number(count)]))
}

/** Commands that took more than 5 ms. On a busy machine any may, so there are several attempts. */
async function slowCommands(redis: RedisServer, act: () => Promise<unknown>): Promise<unknown[]> {
  let slow: unknown[] = []
  for (let attempt = 0; attempt < 10; attempt++) {
    await redis.command('SLOWLOG', 'RESET')
    await act()
    slow = ((await redis.command('SLOWLOG', 'GET', 100)) as unknown[][]).map((entry) => entry[3])
    if (slow.length === 0) break
  }
  return slow
}

const args = ['--slowlog-log-slower-than', '5000']

t.test('a scrape of 100,000 sites ends within its bounds', { timeout: 60_000 }, async (t) => {
  const redis = await startRedis(t, { args })
  await writeSites(redis, 1)
  const store = await openPatient(t, redis)
  const { scrape } = await startMetered(t, { store })
  await commandsOf(redis)
  const read = await scrape()
  const calls = await commandsOf(redis)
  t.comment(JSON.stringify(calls))
  t.equal(read.labels(TOTAL, 'host').length, 2000)
  t.equal(read.value('reliw_fleet_complete'), 0)
  t.equal(calls['hgetall'], 4000)
  t.ok((calls['scan'] ?? 0) < SITES / 100, `${calls['scan']} looks at about 100 keys`)
  t.equal(calls['keys'], undefined)
  t.strictSame(await slowCommands(redis, scrape), [])
})

t.test('and so where few of them were ever asked for', { timeout: 60_000 }, async (t) => {
  const redis = await startRedis(t, { args })
  await writeSites(redis, 1000)
  const store = await openPatient(t, redis)
  const { scrape } = await startMetered(t, { store, scan_count: 1000 })
  const read = await scrape()
  const hosts = read.labels(TOTAL, 'host').length
  t.equal(read.value('reliw_fleet_complete'), hosts === 100 ? 1 : 0)
  t.strictSame(await slowCommands(redis, scrape), [])
})
