import { tempDir } from '@reliw/testing'
import t from 'tap'
import { openFor } from './contract.ts'

t.test('what is kept is bounded by bytes, and what is in use stays', async (t) => {
  const store = await openFor(t, { dir: tempDir(t), memory: '1MiB' })
  const loads = new Map<string, number>()
  const view = store.view((key, reader) => {
    loads.set(key, (loads.get(key) ?? 0) + 1)
    reader.weigh(10_000)
    return key
  })
  for (let n = 0; n < 1000; n++) {
    await view.get(`${n}`)
    await view.get('hot')
    t.ok(store.statistics.bytes <= 1_048_576 + 11_000, 'within the bound')
  }
  t.ok(store.statistics.evictions > 800)
  t.equal(loads.get('hot'), 1, 'never dropped while it was used')
})

t.test('what was made from a value that is dropped is dropped along', async (t) => {
  const store = await openFor(t, { dir: tempDir(t), memory: '1MiB' })
  const body = store.view((_key, reader) => {
    reader.weigh(600_000)
    return 'body'
  })
  let made = 0
  const page = store.view(async (key, reader) => {
    made++
    return body.get(key, reader)
  })
  await page.get('a')
  await page.get('b')
  await page.get('c')
  await page.get('a')
  t.equal(made, 4)
  t.ok(store.statistics.nodes <= 4)
})

t.test('a source of the caller’s own makes values stale by its name', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  let value = 1
  const view = store.view((_key, reader) => {
    store.dependOn(reader, 'mine')
    return value
  })
  t.equal(await view.get('x'), 1)
  value = 2
  t.equal(view.get('x'), 1)
  store.changed('mine')
  t.equal(await view.get('x'), 2)
})

t.test('what is made in doubt answers and is not kept', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  let made = 0
  const inner = store.view((_key, reader) => {
    reader.doubt()
    return ++made
  })
  const outer = store.view((key, reader) => inner.get(key, reader))
  t.equal(await outer.get('x'), 1)
  t.equal(await outer.get('x'), 2)
})

t.test('forgotten values leave nothing behind', async (t) => {
  const store = await openFor(t, { dir: tempDir(t), memory: '100KiB' })
  for (let n = 0; n < 5000; n++) await store.sites.routes(`${n}.example`)
  t.ok(store.statistics.bytes <= 110_000)
  t.ok(store.statistics.nodes < 200)
})
