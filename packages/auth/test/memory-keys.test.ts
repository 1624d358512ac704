import { AuthSettings, Keyspace } from '@reliw/model'
import { waitFor } from '@reliw/testing'
import t from 'tap'
import { MemoryKeys } from '../src/sessions/memory-keys.ts'
import { Sessions } from '../src/sessions/sessions.ts'
import { hashToken } from '../src/token.ts'

async function textOf(keys: MemoryKeys, key: string): Promise<string | undefined> {
  return (await keys.get(key))?.toString()
}

t.test('a key is what was written last, until it is deleted', async (t) => {
  const keys = new MemoryKeys()
  await keys.write([
    { op: 'set', key: 'a', value: '1' },
    { op: 'set', key: 'b', value: Buffer.from('2'), ttl: 60_000 }
  ])
  t.equal(await textOf(keys, 'a'), '1')
  t.equal(await keys.ttl('a'), undefined)
  const ttl = (await keys.ttl('b')) ?? 0
  t.ok(ttl > 0 && ttl <= 60_000)
  await keys.write([
    { op: 'set', key: 'b', value: '3' },
    { op: 'delete', key: 'a' },
    { op: 'delete', key: 'none' }
  ])
  t.equal(await textOf(keys, 'a'), undefined)
  t.equal(await textOf(keys, 'b'), '3')
  t.equal(await keys.ttl('b'), undefined, 'and no longer goes')
})

t.test('a key goes when its time has come, and comes back as another', async (t) => {
  const keys = new MemoryKeys()
  await keys.write([{ op: 'set', key: 'a', value: '7', ttl: 20 }])
  await waitFor(async () => (await keys.get('a')) === undefined, 'its end')
  t.equal(await keys.ttl('a'), undefined)
  await keys.write([{ op: 'expire', key: 'a', ttl: 60_000 }])
  t.equal(await keys.get('a'), undefined, 'what is gone is not given more time')
  t.same(await keys.increment([{ key: 'a', by: 1, ttl: 60_000 }]), [1])
})

t.test('a counter expires after its first ttl, however often it is incremented', async (t) => {
  const keys = new MemoryKeys()
  const [a, b] = [
    { key: 'a', by: 1, ttl: 1000 },
    { key: 'b', by: 2, ttl: 60_000 }
  ]
  t.same(await keys.increment([a, b, a]), [1, 2, 2])
  t.same(await keys.increment([{ ...a, by: -1, ttl: 60_000 }]), [1])
  t.ok(((await keys.ttl('a')) ?? Infinity) <= 1000)
  await keys.write([{ op: 'expire', key: 'a', ttl: 60_000 }])
  t.ok(((await keys.ttl('a')) ?? 0) > 1000)
  t.equal(await textOf(keys, 'a'), '1')
})

t.test('it holds so many keys, of which the oldest goes', async (t) => {
  const keys = new MemoryKeys()
  const most = 100_000
  for (let n = 0; n < most; n++) await keys.write([{ op: 'set', key: `${n}`, value: '' }])
  await keys.write([{ op: 'expire', key: '0', ttl: 60_000 }])
  await keys.write([{ op: 'set', key: 'one more', value: '' }])
  t.ok(await keys.get('0'), 'it was written since')
  t.equal(await keys.get('1'), undefined)
  t.ok(await keys.get('2'))
  t.ok(await keys.get('one more'))
})

t.test('sessions in memory last for their time, and longer when they are used', async (t) => {
  const keys = new MemoryKeys()
  const keyspace = new Keyspace('RLW')
  const sessions = new Sessions({ keyspace, keys })
  const settings = AuthSettings.parse({ session_ttl: '1h' })
  const shorter = (session_ttl: number): AuthSettings => ({ ...settings, session_ttl })
  const login = { user: 'ada', groups: [], second_factor: false, ip: '', agent: '' }

  const token = await sessions.begin('a', login, shorter(60_000))
  t.match(await sessions.find('a', token, settings), login)
  const key = keyspace.session('a', hashToken(token))
  t.ok(((await keys.ttl(key)) ?? 0) > 60_000, 'it was used')
  t.equal(await sessions.find('b', token, settings), undefined, 'it is of one host')
  await sessions.end('a', token)
  t.equal(await sessions.find('a', token, settings), undefined)

  const soon = await sessions.begin('a', login, shorter(20))
  const gone = keyspace.session('a', hashToken(soon))
  await waitFor(async () => (await keys.get(gone)) === undefined, 'its end')
  t.equal(await sessions.find('a', soon, settings), undefined)
})
