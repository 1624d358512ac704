import { queryObjects } from 'node:v8'
import type { Store } from '@reliw/model'
import { openStore } from '@reliw/store'
import { tempDir } from '@reliw/testing'
import t, { type Test } from 'tap'
import { Routes } from '../../../model/src/values/routes.ts'
import { UncachedRoutes } from '../../src/serving/uncached-routes.ts'

const ENTRY = { methods: { GET: true }, proxy: { target: 'http://127.0.0.1:1' } }
const READINGS = ['/x']

async function open(t: Test): Promise<{ store: Store; routes: UncachedRoutes }> {
  const store = await openStore({ dir: tempDir(t) })
  t.teardown(() => store.close())
  return { store, routes: new UncachedRoutes(store) }
}

async function write({ driver, keys }: Store, host: string, entry: object = ENTRY): Promise<void> {
  await driver.write([
    { op: 'set', key: keys.routes(host), value: '[["^/", "all"]]' },
    { op: 'set', key: keys.entry(host, 'all'), value: JSON.stringify(entry) }
  ])
}

t.test('the resolution of an entry is reused until the entry changes', async (t) => {
  const { store, routes } = await open(t)
  await write(store, 'a.example')
  const first = await routes.findForReadings('a.example', READINGS)
  t.match(first, { kind: 'upstream', name: 'a.example:all', allow: 'GET, HEAD' })
  t.equal(routes.findForReadings('a.example', READINGS), first, 'warm')
  await write(store, 'a.example')
  t.equal(await routes.findForReadings('a.example', READINGS), first, 'written again as it was')
  await write(store, 'a.example', { ...ENTRY, title: 'other' })
  const second = await routes.findForReadings('a.example', READINGS)
  t.match(second, { name: 'a.example:all', entry: { title: 'other' } })
})

t.test('the routes of a host are marked once they have led to an upstream', async (t) => {
  const { store, routes } = await open(t)
  await write(store, 'a.example')
  await write(store, 'b.example', { methods: { GET: true } })
  for (const host of ['a.example', 'b.example']) {
    t.equal(routes.marked(host), undefined)
    await routes.findForReadings(host, READINGS)
  }
  await store.sites.proxy('a.example')
  const marked = routes.marked('a.example')
  t.equal(marked, await store.sites.routes('a.example'))
  t.match(marked && routes.find('a.example', marked, '/x'), { name: 'a.example:all' })
  t.equal(routes.marked('b.example'), undefined)
})

t.test('10,000 hosts that are added and removed leave no memory behind', async (t) => {
  const { store, routes } = await open(t)
  const { driver, keys } = store
  await write(store, 'stays.example')
  await routes.findForReadings('stays.example', READINGS)
  let found = 0
  let left = 0
  for (let round = 0; round < 10; round++) {
    const hosts = Array.from({ length: 1000 }, (_, at) => `${round}-${at}.example`)
    await Promise.all(hosts.map((host) => write(store, host)))
    for (const host of hosts) {
      if ((await routes.findForReadings(host, READINGS)) !== undefined) found++
    }
    await driver.write(
      hosts.flatMap((host) => [
        { op: 'delete', key: keys.routes(host) },
        { op: 'delete', key: keys.entry(host, 'all') }
      ])
    )
    for (const host of hosts) {
      if ((await routes.findForReadings(host, READINGS)) !== undefined) left++
      if (routes.marked(host) !== undefined) left++
    }
  }
  t.strictSame([found, left], [10_000, 0])
  t.equal(queryObjects(Routes, { format: 'count' }), 1, 'but those of the host that stays')
  t.ok(routes.marked('stays.example'))
})
