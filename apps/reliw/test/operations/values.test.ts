import t from 'tap'
import { deleteValue, listKeys, readValue } from '../../src/operations/values.ts'
import { writeValue } from '../../src/operations/write-value.ts'
import { conflict, contents, countWrites, HOST, inEachStore, missing } from './stores.ts'

const bytes = (text: string): Buffer => Buffer.from(text)

await inEachStore(t, 'a value is written, read and deleted by its key', async (t, { store }) => {
  const [data, file] = [`DATA:${HOST}:x`, `RLW:FILES:${HOST}:/x`]
  const raw = Buffer.from([0, 255, 10])
  await writeValue(store, { key: data, value: raw })
  const writes = await countWrites(async () =>
    writeValue(store, { key: file, field: 'content', value: raw, ttl: 60_000 })
  )
  t.equal(writes, 1, 'a field and its lifetime')
  t.ok(await store.driver.ttl(file))
  t.strictSame(await readValue(store, { key: data }), raw)
  t.strictSame(await readValue(store, { key: file, field: 'content' }), raw)
  t.same(await readValue(store, { key: file }), { content: raw })
  const listed: string[] = []
  for await (const batch of listKeys(store, 'DATA:')) listed.push(...batch)
  t.strictSame(listed, [`RLW:${data}`])
  await deleteValue(store, { key: data })
  await deleteValue(store, { key: file, field: 'content' })
  t.strictSame(await contents(store), {})
})

await inEachStore(t, 'a missing value is reported with its whole key', async (t, { store }) => {
  const place = { key: `FILES:${HOST}:/x` }
  const field = { ...place, field: 'content' }
  const absent = { ...missing, message: `RLW:${place.key} does not exist in the store.` }
  const absentField = {
    ...missing,
    message: `RLW:${place.key} content does not exist in the store.`
  }
  await t.rejects(async () => readValue(store, place), absent)
  await t.rejects(async () => readValue(store, field), absentField)
  await t.rejects(deleteValue(store, place), absent)
  await t.rejects(deleteValue(store, field), absentField)
})

await inEachStore(
  t,
  'a value that conflicts with others is written only unchecked',
  async (t, place) => {
    const { store } = place
    await writeValue(store, { key: `PROXY:${HOST}`, value: bytes('{"target": "localhost"}') })
    const before = await contents(store)
    const entry = { key: `API:${HOST}:x`, value: bytes('{"methods": {"GET": true}, "auth": {}}') }
    await t.rejects(writeValue(store, entry), conflict)
    await t.rejects(writeValue(store, { key: 'APl:x', value: bytes('') }), {
      code: 'RELIW_STORE_UNKNOWN_KEY'
    })
    t.strictSame(await contents(store), before)
    await writeValue(store, { ...entry, isUnchecked: true })
    t.strictSame(await readValue(store, entry), entry.value)
  }
)
