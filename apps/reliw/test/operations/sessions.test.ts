import type { Operation, Store } from '@reliw/model'
import t from 'tap'
import { endSessions, listSessions } from '../../src/operations/sessions.ts'
import { contents, countWrites, HOST, inEachStore } from './stores.ts'

/** More than are read at once. */
const MANY = 600

/** Sessions of `eve` with ids 0, 2, 4, …, of `bob` with the others; the newest has the greatest id. */
async function populate({ driver, keys }: Store, number: number): Promise<void> {
  const operations = Array.from({ length: number }, (_, id): Operation => {
    const value = JSON.stringify({ user: id % 2 === 0 ? 'eve' : 'bob', created: id })
    return { op: 'set', key: keys.session(HOST, String(id)), value, ttl: 60_000 }
  })
  await driver.write(operations)
}

const idsOf = (sessions: readonly { id: string }[]): string[] => sessions.map(({ id }) => id)

await inEachStore(t, 'all sessions of a user end in one write', async (t, { store }) => {
  await populate(store, MANY)
  const writes = await countWrites(async () => {
    const ended = await endSessions(store, HOST, { user: 'eve' })
    t.equal(new Set(idsOf(ended)).size, MANY / 2)
    t.equal(ended.length, MANY / 2)
  })
  t.equal(writes, 1)
  const left = await listSessions(store, HOST, { all: true })
  t.equal(left.length, MANY / 2)
  t.ok(left.every(({ session }) => session.user === 'bob'))
})

await inEachStore(t, 'sessions are listed newest first', async (t, { store }) => {
  const { driver, keys } = store
  await populate(store, 6)
  const other = keys.session('b.example', '7')
  await driver.write([
    { op: 'set', key: other, value: JSON.stringify({ user: 'eve', created: 7 }) },
    { op: 'set', key: keys.session(HOST, 'x'), value: 'no session' },
    { op: 'hset', key: keys.session(HOST, 'y'), fields: { of: 'another type' } }
  ])
  const all = await listSessions(store, HOST, { all: true })
  t.strictSame(idsOf(all), ['5', '4', '3', '2', '1', '0'])
  t.ok(all.every(({ left = Infinity }) => left > 0 && left <= 60_000))
  t.strictSame(idsOf(await listSessions(store, HOST, { user: 'bob' })), ['5', '3', '1'])
  t.strictSame(idsOf(await listSessions(store, HOST, { user: 'bob', ids: ['2'] })), [
    '5',
    '3',
    '2',
    '1'
  ])
})

await inEachStore(t, 'an empty choice ends no session', async (t, { store }) => {
  await populate(store, 2)
  const before = await contents(store)
  t.strictSame(await endSessions(store, HOST, {}), [])
  t.strictSame(await endSessions(store, HOST, { user: 'ann', ids: ['7'] }), [])
  t.strictSame(await contents(store), before)
})
