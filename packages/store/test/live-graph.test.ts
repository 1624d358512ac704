import { tempDir } from '@reliw/testing'
import t from 'tap'
import { defaultMemory } from '../src/live/default-memory.ts'
import { openFor } from './contract.ts'

t.test('cached values are bounded by bytes, and values in use stay', async (t) => {
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

t.test('an evicted value takes along the values made from it', async (t) => {
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

t.test('a value made from doubtful data is returned and not cached', async (t) => {
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

t.test('evicted values leave no sources behind', async (t) => {
  const store = await openFor(t, { dir: tempDir(t), memory: '100KiB' })
  for (let n = 0; n < 5000; n++) await store.sites.routes(`${n}.example`)
  t.ok(store.statistics.bytes <= 110_000)
  t.ok(store.statistics.nodes < 200)
})

t.test(
  'half of the cached bytes are evicted when memory is short, values in use last',
  async (t) => {
    const store = await openFor(t, { dir: tempDir(t), memory: '10MiB' })
    const view = store.view((key, reader) => {
      reader.weigh(10_000)
      return key
    })
    for (let n = 0; n < 100; n++) await view.get(`${n}`)
    for (let n = 0; n < 10; n++) await view.get(`${n}`)
    const { bytes } = store.statistics
    store.shrink()
    t.ok(store.statistics.bytes <= bytes / 2)
    const { misses } = store.statistics
    for (let n = 0; n < 10; n++) await view.get(`${n}`)
    t.equal(store.statistics.misses, misses)
    for (let round = 0; round < 20; round++) store.shrink()
    t.strictSame([store.statistics.bytes, store.statistics.nodes], [0, 0])
    t.equal(await view.get('1'), '1')
  }
)

t.test('keys whose values cannot be cached leave no nodes behind', async (t) => {
  const store = await openFor(t, { dir: tempDir(t) })
  const doubtful = store.view((key, reader) => {
    store.dependOn(reader, `source of ${key}`)
    reader.doubt()
    return key
  })
  const broken = store.view((key, reader) => {
    store.dependOn(reader, `source of ${key}`)
    throw new Error('no')
  })
  for (let n = 0; n < 1000; n++) {
    t.equal(await doubtful.get(`${n}`), `${n}`)
    await t.rejects(async () => broken.get(`${n}`))
  }
  t.strictSame([store.statistics.bytes, store.statistics.nodes], [0, 0])
})

t.test('the default size of the cache depends on the available memory', async (t) => {
  const MIB = 2 ** 20
  t.equal(defaultMemory(4096 * MIB, 16_384 * MIB), 128 * MIB)
  t.equal(defaultMemory(100 * MIB, 16_384 * MIB), 25 * MIB)
  t.equal(defaultMemory(128 * MIB, 256 * MIB), 32 * MIB)
  t.equal(defaultMemory(4096 * MIB, 512 * MIB), 64 * MIB)
})
