import { startSentinel, waitFor } from '@reliw/testing'
import t from 'tap'
import { contract, openFor } from './contract.ts'

t.test('a master behind Sentinel keeps the contract', async (t) => {
  const { sentinels, name } = await startSentinel(t)
  await contract(t, () => openFor(t, { redis: { sentinels, name } }))
})

t.test('changes are seen after a failover', async (t) => {
  const deployment = await startSentinel(t)
  const { sentinels, name } = deployment
  const store = await openFor(t, { redis: { sentinels, name } })
  t.equal((await store.sites.settings('a.example')).unsafe_html, false)
  await deployment.failover()
  await waitFor(() => store.connected, 'the new master')
  const peer = await openFor(t, { redis: { sentinels, name } })
  await waitFor(
    async () => {
      const value = '{"unsafe_html":true}'
      await peer.driver.write([{ op: 'set', key: store.keys.settings('a.example'), value }])
      return true
    },
    'a write',
    15_000
  )
  await waitFor(
    async () => (await store.sites.settings('a.example')).unsafe_html,
    'the change',
    15_000
  )
  t.pass()
})
