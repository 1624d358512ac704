import { startRedis, tempDir, waitFor } from '@reliw/testing'
import t from 'tap'
import { openStore } from '../src/index.ts'
import { openFor } from './contract.ts'
import { namesContract } from './names-contract.ts'

t.test('hosts have sites in an embedded store', async (t) => {
  const dir = tempDir(t)
  await namesContract(t, () => openFor(t, { dir }))
})

t.test('hosts have sites in Redis', async (t) => {
  const { host, port } = await startRedis(t)
  await namesContract(t, () => openFor(t, { redis: { host, port } }))
})

t.test('names that change while Redis is away apply once it is back', async (t) => {
  const redis = await startRedis(t)
  const { host, port } = redis
  const options = { redis: { host, port } }
  const store = await openFor(t, options)
  const { keys, sites } = store
  const set = async (key: string, value: unknown): Promise<void> => {
    const peer = await openStore(options)
    await peer.ready(5000)
    await peer.driver.write([{ op: 'set', key, value: JSON.stringify(value) }])
    await peer.close()
  }
  await set(keys.settings('main.example'), { aliases: ['www.example'] })
  await set(keys.routes('*.wild.example'), [['.*', 'all']])
  t.equal((await sites.siteOf('www.example')).name, 'main.example')
  t.equal((await sites.siteOf('a.wild.example')).name, '*.wild.example')
  await redis.stop()
  await waitFor(() => !store.connected, 'the outage')
  t.equal((await sites.siteOf('www.example')).name, 'main.example', 'served stale')
  await t.rejects(async () => sites.siteOf('new.wild.example'), { code: 'RELIW_STORE_UNAVAILABLE' })
  await redis.restart()
  await set(keys.settings('other.example'), { aliases: ['www.example'] })
  await waitFor(() => store.connected, 'Redis')
  await waitFor(async () => (await sites.siteOf('www.example')).name === 'other.example', 'names')
  t.equal((await sites.siteOf('a.wild.example')).name, 'a.wild.example', 'nothing is left of it')
})

t.test('100,000 hosts of a wildcard stay within the memory of the cache', async (t) => {
  const memory = 4 * 2 ** 20
  const store = await openFor(t, { dir: tempDir(t), memory })
  const { keys, sites, driver, statistics } = store
  await driver.write([{ op: 'set', key: keys.routes('*.example.org'), value: '[[".*","all"]]' }])
  await driver.write([{ op: 'set', key: keys.routes('main.example'), value: '[[".*","all"]]' }])
  const isRead = async (host: string): Promise<boolean> => {
    const before = statistics.misses
    await sites.siteOf(host)
    return statistics.misses > before
  }
  await sites.siteOf('main.example')
  let most = 0
  let reads = 0
  for (let nth = 0; nth < 100_000; nth++) {
    const { name } = await sites.siteOf(`h${nth}.example.org`)
    if (name !== '*.example.org') t.fail(name)
    most = Math.max(most, statistics.bytes)
    if (nth % 100 === 0 && (await isRead('main.example'))) reads++
  }
  t.ok(most <= memory + 10_000, `${most} bytes`)
  t.ok(statistics.nodes < 10_000, `${statistics.nodes} cached values`)
  t.equal(reads, 0, 'hosts in use are not evicted')
})
