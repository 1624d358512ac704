import { channel } from 'node:diagnostics_channel'
import {
  type Driver,
  type OperationEvent,
  type RejectedEvent,
  type Store,
  storeEvents
} from '@reliw/model'
import { type EventChannel, Publisher } from '@reliw/options'
import { startRedis, tempDir, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { openEmbedded } from '../src/embedded/driver.ts'
import { openStore } from '../src/index.ts'
import { timeDriver } from '../src/timed-driver.ts'
import { openFor } from './contract.ts'

const nothing = (): void => undefined
const TAKE = { key: 'RLW:LIMITS:a', algorithm: 'fixed', limit: 9, period: 1000 } as const

/** Collects what a channel tells, until the test ends. Returns how to stop before. */
function hear<E>(t: Test, source: EventChannel<E>, events: E[]): () => void {
  const listener = (event: E): void => void events.push(event)
  const stop = (): void => {
    source.unsubscribe(listener)
  }
  source.subscribe(listener)
  t.teardown(stop)
  return stop
}

async function useAll({ driver }: Store): Promise<void> {
  await driver.write([{ op: 'hset', key: 'RLW:TITLES:a', fields: { x: 'X' } }])
  await driver.get('RLW:DATA:a:x')
  await driver.hashField('RLW:TITLES:a', 'x')
  await driver.hash('RLW:TITLES:a')
  await driver.type('RLW:TITLES:a')
  await driver.ttl('RLW:TITLES:a')
  await driver.increment([{ key: 'RLW:METRICS:a:total', field: 'x', by: 1 }])
  await driver.count([{ key: 'RLW:METRICS:a:total', field: 'x', by: 1 }])
  await driver.take([TAKE])
  await driver.publish('RLW:CTL', 'hello')
}

async function tellsOfEach(t: Test, store: Store): Promise<void> {
  const events: OperationEvent[] = []
  hear(t, storeEvents.operation, events)
  await useAll(store)
  const expected = 'write get hashField hash type ttl increment count take publish'.split(' ')
  t.same(
    events.map(({ operation }) => operation),
    expected
  )
  t.ok(events.every(({ ms, failed }) => ms >= 0 && Number.isFinite(ms) && !failed))
}

t.test('the channels have names that anybody can listen by', async (t) => {
  t.equal(channel('reliw.store.operation'), storeEvents.operation)
  t.equal(channel('reliw.store.rejected'), storeEvents.rejected)
})

t.test('each call of the store is published', async (t) => {
  await t.test('in a directory', async (t) => {
    await tellsOfEach(t, await openFor(t, { dir: tempDir(t), flush_interval: '1h' }))
  })
  await t.test('in Redis', async (t) => {
    const { host, port } = await startRedis(t)
    await tellsOfEach(t, await openFor(t, { redis: { host, port }, flush_interval: '1h' }))
  })
})

t.test('a failed call is published, and its error is unchanged', async (t) => {
  const redis = await startRedis(t)
  const { host, port } = redis
  const store = await openFor(t, { redis: { host, port }, flush_interval: '1h' })
  await store.driver.write([{ op: 'set', key: 'RLW:DATA:a:x', value: 'text' }])
  const events: OperationEvent[] = []
  hear(t, storeEvents.operation, events)
  await t.rejects(store.driver.increment([{ key: 'RLW:DATA:a:x', by: 1 }]), {
    code: 'RELIW_STORE_WRITE_FAILED'
  })
  await redis.kill9()
  await waitFor(() => !store.connected, 'the loss')
  await t.rejects(store.driver.get('RLW:DATA:a:x'), { code: 'RELIW_STORE_UNAVAILABLE' })
  store.counters.add('RLW:METRICS:a:total', '200')
  await store.counters.flush()
  const told = events.map(({ operation, failed }) => [operation, failed])
  t.same(told, [
    ['increment', true],
    ['get', true],
    ['count', true]
  ])
})

t.test('without subscribers a caller gets the driver’s own promise', async (t) => {
  const inner = openEmbedded(tempDir(t), () => false, {
    changed: nothing,
    connected: nothing,
    disconnected: nothing,
    warned: nothing
  })
  t.teardown(() => inner.close())
  let own: unknown
  const take: Driver['take'] = (takes) => {
    const promise = inner.take(takes)
    own = promise
    return promise
  }
  const driver = timeDriver({ ...inner, take }, new Publisher())
  t.equal(driver.name, 'embedded')
  t.equal(driver.poll, inner.poll)
  const unheard = driver.take([TAKE])
  t.equal(unheard, own)
  t.equal((await unheard)[0]?.remaining, 8)

  const events: OperationEvent[] = []
  const stop = hear(t, storeEvents.operation, events)
  const heard = driver.take([TAKE])
  t.not(heard, own)
  t.equal((await heard)[0]?.remaining, 7)
  t.equal(events.length, 1)
  stop()
  const after = driver.take([TAKE])
  t.equal(after, own)
  await after
  t.equal(events.length, 1)
})

t.test('an invalid stored value is published with its family', async (t) => {
  const store = await openStore({ dir: tempDir(t), flush_interval: '1h' })
  t.teardown(() => store.close())
  const { keys, sites, driver } = store
  const host = 'a.example'
  await driver.write([
    { op: 'set', key: keys.routes(host), value: '{no json' },
    { op: 'set', key: keys.settings(host), value: '[]' },
    { op: 'hset', key: keys.waf(), fields: { [host]: '"no rules"' } },
    { op: 'hset', key: keys.users(host), fields: { eve: '1' } }
  ])
  const events: RejectedEvent[] = []
  hear(t, storeEvents.rejected, events)
  await t.rejects(async () => sites.routes(host))
  await t.rejects(async () => sites.settings(host))
  await t.rejects(async () => sites.wafRules(host))
  await t.rejects(async () => sites.user(host, 'eve'))
  const { publisher } = store
  t.same(events, [
    { publisher, key: 'RLW:API:a.example', family: 'API' },
    { publisher, key: 'RLW:SITE:a.example', family: 'SITE' },
    { publisher, key: 'RLW:WAF a.example', family: 'WAF' },
    { publisher, key: 'RLW:USERS:a.example eve', family: 'USERS' }
  ])
})
