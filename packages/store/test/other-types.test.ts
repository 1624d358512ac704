// What another program makes of a key: a value of another type is a wrong one, as one that cannot be read.

import type { Operation, Store } from '@reliw/model'
import { HUNG_AFTER, startRedis, tempDir, waitFor } from '@reliw/testing'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { openStore } from '../src/index.ts'

const HOST = 'a.example'
const ENTRY = JSON.stringify({ methods: { GET: true }, title: 'good' })

interface Opened {
  store: Store
  errors: { key: string }[]
}

async function open(t: Test, options: Parameters<typeof openStore>[0]): Promise<Opened> {
  const errors: { key: string }[] = []
  const error = (fields: object): void =>
    void errors.push((fields as { store: { key: string } }).store)
  const store = await openStore(options, { info: () => undefined, warn: () => undefined, error })
  t.teardown(() => store.close())
  t.ok(await store.ready(HUNG_AFTER))
  return { store, errors }
}

/** Reads all that is stored for a host, by keys of both types. */
async function readAll({ store }: Opened): Promise<unknown> {
  const { sites } = store
  const [routes, entry, settings, rules, user] = await Promise.all([
    sites.routes(HOST),
    sites.entry(HOST, 'x'),
    sites.settings(HOST),
    sites.wafRules(HOST),
    sites.apiKey(HOST, 'none')
  ])
  return {
    id: routes?.match('/x'),
    title: entry?.title,
    unsafe: settings.unsafe_html,
    rules: rules !== undefined,
    user
  }
}

const GOOD = { id: 'x', title: 'good', unsafe: true, rules: true, user: undefined }

function set(key: string, value: string): Operation {
  return { op: 'set', key, value }
}

async function fill({ driver, keys }: Store): Promise<void> {
  await driver.write([
    set(keys.routes(HOST), '[["^/","x"]]'),
    set(keys.entry(HOST, 'x'), ENTRY),
    set(keys.settings(HOST), '{"unsafe_html":true}'),
    { op: 'hset', key: keys.waf(), fields: { [HOST]: '{"mode":"detect"}' } }
  ])
}

t.test('keys that are replaced by other types of Redis keep their last good values', async (t) => {
  const { host, port } = await startRedis(t)
  const opened = await open(t, { redis: { host, port, db: 0 } })
  const { store, errors } = opened
  await fill(store)
  t.strictSame(await readAll(opened), GOOD)
  const redis = new Redis({ host, port })
  t.teardown(() => redis.disconnect())
  const { keys } = store
  const names = [keys.routes(HOST), keys.entry(HOST, 'x'), keys.settings(HOST), keys.waf()]
  const replace: ((key: string) => Promise<unknown>)[] = [
    (key) => redis.multi().del(key).rpush(key, 'x').exec(),
    (key) => redis.multi().del(key).sadd(key, 'x').exec(),
    (key) => redis.multi().del(key).zadd(key, 1, 'x').exec(),
    (key) => redis.multi().del(key).set(key, 'x').exec()
  ]
  for (const [at, key] of names.entries()) await replace[at]?.(key)
  await waitFor(async () => {
    t.strictSame(await readAll(opened), GOOD)
    return new Set(errors.map((error) => error.key)).size === names.length
  }, 'a line about each')
  const before = errors.length
  t.strictSame(await readAll(opened), GOOD)
  t.equal(errors.length, before, 'one for each change')
  t.equal(await store.driver.type(keys.routes(HOST)), 'other')
  await store.driver.write([{ op: 'delete', key: keys.entry(HOST, 'x') }])
  await waitFor(async () => (await store.sites.entry(HOST, 'x')) === undefined, 'its end')
})

t.test('so do keys of the embedded store that become another type', async (t) => {
  const opened = await open(t, { dir: tempDir(t) })
  const { store, errors } = opened
  const { driver, keys } = store
  await fill(store)
  t.strictSame(await readAll(opened), GOOD)
  const entry = keys.entry(HOST, 'x')
  await driver.write([
    { op: 'delete', key: entry },
    { op: 'hset', key: entry, fields: { a: 'b' } },
    { op: 'set', key: keys.waf(), value: 'x' }
  ])
  t.strictSame(await readAll(opened), GOOD)
  t.strictSame(new Set(errors.map(({ key }) => key)), new Set([entry, keys.waf()]))
})
