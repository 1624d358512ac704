import type { Driver, Take } from '@reliw/model'
import { startCluster, startRedis, waitFor } from '@reliw/testing'
import t from 'tap'
import { openFor } from './contract.ts'

const one: Take = { key: 'RLW:LIMITS:a:x', algorithm: 'gcra', limit: 1000, period: 86_400_000 }

async function leftAfter(driver: Driver, takes: readonly Take[]): Promise<number[]> {
  return (await driver.take(takes)).map(({ remaining }) => remaining)
}

t.test('a script that the server has lost is loaded again, in order', async (t) => {
  const redis = await startRedis(t)
  const { driver } = await openFor(t, { redis: { host: redis.host, port: redis.port } })
  t.same(await leftAfter(driver, [one]), [999])
  t.same(await leftAfter(driver, [one, one]), [998, 997])
  await redis.command('SCRIPT', 'FLUSH')
  t.same(await leftAfter(driver, [one, one, one]), [996, 995, 994], 'in a pipeline')
  await redis.command('SCRIPT', 'FLUSH')
  t.same(await leftAfter(driver, [one]), [993], 'alone')
  await redis.command('SCRIPT', 'FLUSH')
  const calls = await Promise.all(Array.from({ length: 20 }, () => leftAfter(driver, [one, one])))
  t.equal(Math.min(...calls.flat()), 953, 'in many calls at once')
})

t.test('budgets work again after Redis was restarted', async (t) => {
  const redis = await startRedis(t)
  const store = await openFor(t, { redis: { host: redis.host, port: redis.port } })
  t.same(await leftAfter(store.driver, [one, one]), [999, 998])
  await redis.kill9()
  await waitFor(() => !store.connected, 'the loss')
  for (const takes of [[one], [one, one]]) {
    await t.rejects(store.driver.take(takes), { code: 'RELIW_STORE_UNAVAILABLE' })
  }
  await redis.restart()
  await waitFor(() => store.connected, 'the connection')
  t.same(await leftAfter(store.driver, [one, one]), [999, 998])
})

t.test('all budgets of a call cost one round trip', async (t) => {
  const redis = await startRedis(t)
  const { driver } = await openFor(t, { redis: { host: redis.host, port: redis.port } })
  const reads = async (): Promise<number> => {
    const stats = String(await redis.command('INFO', 'stats'))
    return Number(/total_reads_processed:(\d+)/.exec(stats)?.[1])
  }
  await driver.take([one])
  const before = await reads()
  await driver.take(Array.from({ length: 200 }, (_, n) => ({ ...one, key: `RLW:LIMITS:a:${n}` })))
  t.ok((await reads()) - before < 50)
})

t.test('Redis’ refusal of a write is WriteFailed', async (t) => {
  const redis = await startRedis(t, { args: ['--maxmemory', '1'] })
  const { driver } = await openFor(t, { redis: { host: redis.host, port: redis.port } })
  for (const takes of [[one], [one, one]]) {
    await t.rejects(driver.take(takes), { code: 'RELIW_STORE_WRITE_FAILED', message: /OOM/ })
  }
})

t.test('the nodes of a cluster load the script again, each on its own', async (t) => {
  const { nodes, startupNodes: cluster } = await startCluster(t)
  const { driver } = await openFor(t, { redis: { cluster } })
  const takes = Array.from({ length: 12 }, (_, n) => ({ ...one, key: `RLW:LIMITS:a:${n}` }))
  t.same(new Set(await leftAfter(driver, takes)), new Set([999]))
  await nodes[1]?.command('SCRIPT', 'FLUSH')
  t.same(new Set(await leftAfter(driver, takes)), new Set([998]))
  await Promise.all(nodes.map((node) => node.command('SCRIPT', 'FLUSH')))
  t.same(new Set(await leftAfter(driver, takes)), new Set([997]))
})
