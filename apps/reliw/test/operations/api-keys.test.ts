import { createHash } from 'node:crypto'
import t from 'tap'
import { addApiKey, deleteApiKey, listApiKeys } from '../../src/operations/api-keys.ts'
import { contents, HOST, inEachStore, invalid, missing } from './stores.ts'

await inEachStore(t, 'an API key is stored by its hash alone', async (t, { store }) => {
  const { key, id } = await addApiKey(store, HOST, { user: 'eve', groups: ['staff'], name: 'x' })
  const hash = createHash('sha256').update(key).digest('hex')
  t.ok(hash.startsWith(id))
  const stored = await contents(store)
  t.strictSame(Object.keys(stored[store.keys.apiKeys(HOST)] as object), [hash])
  t.notOk(JSON.stringify(stored).includes(key))
  const [listed] = await listApiKeys(store, HOST)
  t.match(listed, { id, user: 'eve', groups: ['staff'], name: 'x', state: 'good' })
  t.notOk(listed?.expires)
})

await inEachStore(t, 'an API key is valid for its lifetime', async (t, { store }) => {
  await addApiKey(store, HOST, { user: 'eve', lifetime: 60_000 })
  await addApiKey(store, HOST, { user: 'bob', lifetime: -1 })
  const keys = await listApiKeys(store, HOST)
  const states = Object.fromEntries(keys.map(({ user, state }) => [user, state]))
  t.strictSame(states, { eve: 'good', bob: 'expired' })
  const { created = 0, expires } = keys.find(({ user }) => user === 'eve') ?? {}
  t.equal(expires, created + 60_000)
})

await inEachStore(t, 'an API key is deleted by its id, or its whole hash', async (t, { store }) => {
  const [first, second] = [
    await addApiKey(store, HOST, { user: 'eve' }),
    await addApiKey(store, HOST, { user: 'bob' })
  ]
  await deleteApiKey(store, HOST, first.id)
  t.match(await listApiKeys(store, HOST), [{ id: second.id }])
  await t.rejects(deleteApiKey(store, HOST, first.id), missing)
  await deleteApiKey(store, HOST, createHash('sha256').update(second.key).digest('hex'))
  t.strictSame(await contents(store), {})
})

await inEachStore(t, 'an API key without a user is refused', async (t, { store }) => {
  await t.rejects(addApiKey(store, HOST, { user: '' }), invalid)
  await t.rejects(addApiKey(store, HOST, { user: 'eve', groups: [''] }), {
    code: 'RELIW_STORE_INVALID_VALUE'
  })
  t.strictSame(await contents(store), {})
})
