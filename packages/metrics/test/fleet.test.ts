import { startCluster, startRedis, tempDir } from '@reliw/testing'
import t from 'tap'
import { fleetContract } from './fleet-contract.ts'
import { openFor, openRedis } from './stores.ts'

// Slow where much else is running.
t.test('in a directory', async (t) => {
  const dir = tempDir(t)
  await fleetContract(t, async () => openFor(t, { dir }))
})

t.test('in Redis', async (t) => {
  const redis = await startRedis(t)
  await fleetContract(t, async () => openRedis(t, redis))
  const statistics = String(await redis.command('INFO', 'commandstats'))
  t.match(statistics, 'cmdstat_scan')
  t.notMatch(statistics, 'cmdstat_keys')
})

t.test('in a Redis Cluster', { timeout: 60_000 }, async (t) => {
  const { nodes, startupNodes } = await startCluster(t)
  await fleetContract(t, async () => openFor(t, { redis: { cluster: startupNodes } }))
  for (const node of nodes) {
    const statistics = String(await node.command('INFO', 'commandstats'))
    t.match(statistics, 'cmdstat_scan', 'each master is asked')
    t.notMatch(statistics, 'cmdstat_keys')
  }
})
