import { startCluster } from '@reliw/testing'
import t from 'tap'
import { contract, openFor } from './contract.ts'

t.test('a Redis Cluster keeps the contract', async (t) => {
  const { startupNodes: cluster } = await startCluster(t)
  await contract(t, () => openFor(t, { redis: { cluster } }))
})
