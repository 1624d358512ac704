import type { Store } from '@reliw/model'
import t from 'tap'
import { addApiKey, listApiKeys } from '../../src/operations/api-keys.ts'
import { listSessions } from '../../src/operations/sessions.ts'
import * as users from '../../src/operations/users.ts'
import {
  conflict,
  contents,
  countWrites,
  HOST,
  invalid,
  inEachStore,
  missing,
  openRedisStore
} from './stores.ts'

const PASSWORD = 'correct horse battery'

/** Users `eve` and `bob`, each with an API key and two sessions. */
async function populate(store: Store): Promise<void> {
  const { driver, keys } = store
  for (const name of ['eve', 'bob']) {
    await users.addUser(store, HOST, { name, password: PASSWORD, groups: ['staff'] })
    await addApiKey(store, HOST, { user: name })
    for (const id of ['1', '2']) {
      const value = JSON.stringify({ user: name, created: Number(id) })
      await driver.write([{ op: 'set', key: keys.session(HOST, name + id), value, ttl: 60_000 }])
    }
  }
}

/** The users, and whose API keys and sessions there are. */
async function whose(store: Store): Promise<Record<string, string[]>> {
  const [all, apiKeys, sessions] = await Promise.all([
    users.listUsers(store, HOST),
    listApiKeys(store, HOST),
    listSessions(store, HOST, { all: true })
  ])
  return {
    users: all.map(({ name }) => name),
    apiKeys: apiKeys.map(({ user }) => user).toSorted(),
    sessions: sessions.map(({ session }) => session.user).toSorted()
  }
}

await inEachStore(
  t,
  'a user is deleted with sessions and API keys in one write',
  async (t, { store }) => {
    await populate(store)
    let ended: string[] = []
    const writes = await countWrites(async () => {
      const sessions = await users.deleteUser(store, HOST, 'eve')
      ended = sessions.map(({ id }) => id).toSorted()
    })
    t.equal(writes, 1)
    t.strictSame(ended, ['eve1', 'eve2'])
    t.strictSame(await whose(store), { users: ['bob'], apiKeys: ['bob'], sessions: ['bob', 'bob'] })
  }
)

await inEachStore(
  t,
  'a user whose API keys cannot be read is not deleted by half',
  async (t, { store }) => {
    await populate(store)
    const { driver, keys } = store
    const key = keys.apiKeys(HOST)
    await driver.write([
      { op: 'delete', key },
      { op: 'set', key, value: 'of another type' }
    ])
    const before = await contents(store)
    await t.rejects(users.deleteUser(store, HOST, 'eve'), { code: 'RELIW_STORE_INVALID_VALUE' })
    t.strictSame(await contents(store), before)
  }
)

await t.test('a write that Redis refuses a part of leaves a user as before', async (t) => {
  const { store, redis } = await openRedisStore(t)
  await populate(store)
  const before = await contents(store)
  await redis.command('ACL', 'SETUSER', 'default', '-del')
  const refused = { code: 'RELIW_STORE_WRITE_FAILED' }
  await t.rejects(users.deleteUser(store, HOST, 'eve'), refused)
  await t.rejects(users.setPassword(store, HOST, 'eve', 'another password'), refused)
  t.strictSame(await contents(store), before)
})

await inEachStore(
  t,
  'a new password ends the sessions of the old one in the same write, and keeps the rest',
  async (t, { store }) => {
    await populate(store)
    const { driver, keys } = store
    const totp = 'ABCDEFGHIJKLMNOP'
    const old = JSON.stringify({ pass: '00', salt: 'x', groups: ['staff'], totp })
    await driver.write([{ op: 'hset', key: keys.users(HOST), fields: { eve: old } }])
    const writes = await countWrites(async () =>
      t.equal((await users.setPassword(store, HOST, 'eve', 'another password')).length, 2)
    )
    t.equal(writes, 1)
    const raw = await driver.hashField(keys.users(HOST), 'eve')
    const { pass, ...rest } = JSON.parse(String(raw)) as { pass: string }
    t.match(pass, /^\$argon2id\$/)
    t.strictSame(rest, { groups: ['staff'], totp })
    t.strictSame((await whose(store))['sessions'], ['bob', 'bob'])
  }
)

await inEachStore(
  t,
  'an impossible operation is refused with an error code',
  async (t, { store }) => {
    await populate(store)
    const before = await contents(store)
    const add = async (name: string, password: string, groups: string[] = []): Promise<void> =>
      users.addUser(store, HOST, { name, password, groups })
    await t.rejects(add('eve', PASSWORD), conflict)
    await t.rejects(add('a\nb', PASSWORD), invalid)
    await t.rejects(add('ann', 'short'), invalid)
    await t.rejects(add('ann', 'é'.repeat(600)), invalid)
    await t.rejects(add('ann', PASSWORD, ['']), { code: 'RELIW_STORE_INVALID_VALUE' })
    await t.rejects(users.setPassword(store, HOST, 'eve', 'short'), invalid)
    await t.rejects(users.setPassword(store, HOST, 'ann', PASSWORD), missing)
    await t.rejects(users.deleteUser(store, HOST, 'ann'), missing)
    await t.rejects(async () => users.addTotp(store, HOST, 'ann'), missing)
    await t.rejects(users.removeTotp(store, HOST, 'ann'), missing)
    t.strictSame(await contents(store), before)
  }
)

await inEachStore(
  t,
  'a user whose stored value or name is invalid is deleted like any other',
  async (t, { store }) => {
    await populate(store)
    const { driver, keys } = store
    const fields = { eve: '{"pass":', 'a\nb': '{}' }
    await driver.write([{ op: 'hset', key: keys.users(HOST), fields }])
    for (const name of Object.keys(fields)) await users.deleteUser(store, HOST, name)
    t.strictSame(await whose(store), { users: ['bob'], apiKeys: ['bob'], sessions: ['bob', 'bob'] })
  }
)
