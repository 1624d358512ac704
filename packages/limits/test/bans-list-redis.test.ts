import type { Store } from '@reliw/model'
import { openStore } from '@reliw/store'
import { startRedis, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { BanList } from '../src/bans/ban-list.ts'
import { banListContract, follow, openFor, put, remove } from './bans-contract.ts'

const redis = await startRedis(t)
const options = { redis: { port: redis.port, db: 0, timeout: '5s' } }

await t.test('bans in Redis', async (t) => banListContract(t, () => openFor(t, options)))

async function open(t: Test): Promise<Store> {
  await redis.command('FLUSHALL')
  return openFor(t, options)
}

/** Cuts all connections, as a network does; the store connects anew. */
async function cut(): Promise<void> {
  for (const type of ['normal', 'pubsub']) {
    await redis.command('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes')
  }
}

t.test('a key that is not a string bans too, and is reported', async (t) => {
  const store = await open(t)
  const mistakes: string[] = []
  const list = await follow(t, store, {
    rejected: (...mistake) => mistakes.push(mistake.join(' '))
  })
  await redis.command('HSET', store.keys.ban('192.0.2.1'), 'reason', 'x')
  await waitFor(() => list.has('192.0.2.1'), 'the ban')
  t.same(mistakes, ['RLW:BANS:192.0.2.1 it is not a string'])
})

t.test('changes by redis-cli take effect: SETEX, PERSIST, RENAME, FLUSHDB', async (t) => {
  const store = await open(t)
  const list = await follow(t, store)
  await redis.command('SETEX', store.keys.ban('192.0.2.1'), 60, 'spam')
  await waitFor(() => list.has('192.0.2.1'), 'the ban')
  await redis.command('PERSIST', store.keys.ban('192.0.2.1'))
  await redis.command('RENAME', store.keys.ban('192.0.2.1'), store.keys.ban('192.0.2.0/31'))
  await waitFor(() => list.has('192.0.2.0'), 'the new name')
  t.equal(list.size, 1)
  await redis.command('FLUSHDB')
  await waitFor(() => list.size === 0, 'the end')
})

t.test('while the whole list is read again, the old one stays in force', async (t) => {
  const store = await open(t)
  const writes = Array.from({ length: 2000 }, (_, n) => [
    store.keys.ban(`10.0.${n >> 8}.${n & 255}`),
    ''
  ])
  await redis.command('MSET', ...writes.flat())
  const list = await follow(t, store)
  t.equal(list.size, 2000)
  const sizes = new Set<number>()
  let holes = 0
  const look = setInterval(() => {
    sizes.add(list.size)
    if (!list.has('10.0.0.0') || !list.has('10.0.7.207')) holes++
  }, 0)
  t.teardown(() => clearInterval(look))
  for (let round = 0; round < 2; round++) {
    await cut()
    await redis.command('SET', store.keys.ban(`192.0.2.${round}`), '')
    await waitFor(() => list.has(`192.0.2.${round}`), 'what changed while nobody listened')
  }
  t.equal(holes, 0)
  t.equal(Math.min(...sizes), 2000)
})

t.test(
  'while Redis is unavailable bans hold until they expire; then they are read again',
  async (t) => {
    const store = await open(t)
    const failures: unknown[] = []
    const list = await follow(t, store, { failed: (error) => failures.push(error) })
    await put(store, '192.0.2.1', 'for ever')
    await put(store, '192.0.2.2', 'short', 2000)
    await put(store, '2001:db8::/64', 'short', 2000)
    await waitFor(() => list.size === 3, 'the bans')
    t.equal(list.has('192.0.2.2'), true)
    await redis.kill9()
    await waitFor(() => !store.connected, 'the loss')
    t.equal(list.has('192.0.2.1'), true)
    await waitFor(() => !list.has('192.0.2.2') && !list.has('2001:db8::1'), 'the end of their time')
    t.equal(list.size, 3, 'nobody has said that they are gone')
    await list.refresh('192.0.2.1')
    await list.refresh('192.0.2.1')
    t.equal(list.has('192.0.2.1'), true)
    t.match(failures, [{ code: 'RELIW_STORE_UNAVAILABLE' }], 'told once')
    t.equal(failures.length, 1)
    await redis.restart()
    await waitFor(() => list.size === 0, 'the empty store')
    await put(store, '192.0.2.3')
    await waitFor(() => list.has('192.0.2.3'), 'a new ban')
  }
)

t.test('a list made before Redis is available is loaded once it is', async (t) => {
  await redis.stop()
  const store = await openStore(options)
  t.teardown(() => store.close())
  const list = new BanList(store)
  t.teardown(() => list.close())
  t.equal(await store.ready(10), false)
  t.equal(list.has('192.0.2.1'), false)
  await redis.restart()
  await list.loaded
  await put(store, '192.0.2.1')
  await waitFor(() => list.has('192.0.2.1'), 'the ban')
  await remove(store, '192.0.2.1')
  await waitFor(() => !list.has('192.0.2.1'), 'its end')
})

t.test('a refusal by Redis is reported, and reading is retried until it succeeds', async (t) => {
  const store = await open(t)
  await put(store, '192.0.2.1')
  await redis.command('ACL', 'SETUSER', 'default', '-scan')
  t.teardown(async () => redis.command('ACL', 'SETUSER', 'default', '+@all'))
  const failures: unknown[] = []
  const list = new BanList(store, { failed: (error) => failures.push(error) })
  t.teardown(() => list.close())
  await waitFor(() => failures.length > 0, 'the refusal')
  t.match(failures, [/NOPERM/])
  t.equal(list.has('192.0.2.1'), false)
  await redis.command('ACL', 'SETUSER', 'default', '+@all')
  await list.loaded
  t.equal(list.has('192.0.2.1'), true)
})
