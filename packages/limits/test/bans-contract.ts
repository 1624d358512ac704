import type { Store } from '@reliw/model'
import { openStore, type StoreOptions } from '@reliw/store'
import { HUNG_AFTER, seededRandom, waitFor } from '@reliw/testing'
import type { Test } from 'tap'
import { BanList, type BanListOptions } from '../src/bans/ban-list.ts'

/** Opens another connection to the store under test. */
export type OpenStore = () => Promise<Store>

/** Opens a store that is closed with the test. */
export async function openFor(t: Test, options: StoreOptions): Promise<Store> {
  const store = await openStore(options)
  t.teardown(() => store.close())
  if (!(await store.ready(HUNG_AFTER))) throw new Error('the store did not connect')
  return store
}

/** Follows the store until the end of the test. */
export async function follow(t: Test, store: Store, options?: BanListOptions): Promise<BanList> {
  const list = new BanList(store, options)
  t.teardown(() => list.close())
  await list.loaded
  return list
}

/** Bans by hand. */
export async function put(store: Store, text: string, value = '{}', ttl?: number): Promise<void> {
  await store.driver.write([{ op: 'set', key: store.keys.ban(text), value, ttl }])
}

export async function remove(store: Store, text: string): Promise<void> {
  await store.driver.write([{ op: 'delete', key: store.keys.ban(text) }])
}

/** What the list does, whatever the store stands on. The store is empty, and so it is left. */
export async function banListContract(t: Test, open: OpenStore): Promise<void> {
  const store = await open()
  const peer = await open()

  await t.test('a ban by another process holds until it is lifted', async (t) => {
    const list = await follow(t, store)
    t.equal(list.size, 0)
    const bans = [
      ['192.0.2.1', '192.0.2.1'],
      ['2001:db8::1', '2001:db8::1'],
      ['::FFFF:192.0.2.2', '192.0.2.2'],
      ['198.51.100.0/24', '198.51.100.7'],
      ['2001:db8:1::/48', '2001:db8:1:2::3']
    ] as const
    for (const [text, ip] of bans) {
      t.equal(list.has(ip), false, text)
      await put(peer, text)
      await waitFor(() => list.has(ip), `the ban of ${text}`)
    }
    t.equal(list.size, bans.length)
    t.equal(list.has('192.0.2.3'), false)
    for (const [text, ip] of bans) {
      await remove(peer, text)
      await waitFor(() => !list.has(ip), `the end of the ban of ${text}`)
    }
    t.equal(list.size, 0)
  })

  await t.test('bans that were there before are known when the list is loaded', async (t) => {
    await put(peer, '192.0.2.1')
    const list = await follow(t, store)
    t.equal(list.has('192.0.2.1'), true)
    await remove(peer, '192.0.2.1')
    await waitFor(() => !list.has('192.0.2.1'), 'the end')
  })

  await t.test('a ban ends with its time, which may be changed meanwhile', async (t) => {
    const list = await follow(t, store)
    await put(peer, '192.0.2.1', '{}', 60_000)
    await put(peer, '192.0.2.2', '{}')
    await waitFor(() => list.has('192.0.2.1') && list.has('192.0.2.2'), 'the bans')
    await put(peer, '192.0.2.1', '{}', 100)
    await put(peer, '192.0.2.2', '{}', 100)
    await waitFor(() => !list.has('192.0.2.1') && !list.has('192.0.2.2'), 'their ends')
    await waitFor(() => list.size === 0, 'the notices')
    t.pass()
  })

  await t.test('a ban that was just written can be had at once', async (t) => {
    const list = await follow(t, store)
    await put(store, '192.0.2.1')
    await list.refresh('192.0.2.1')
    t.equal(list.has('192.0.2.1'), true)
    await remove(store, '192.0.2.1')
    await list.refresh('192.0.2.1')
    t.equal(list.has('192.0.2.1'), false)
  })

  await t.test(
    'invalid values ban all the same, invalid keys do not; both are reported',
    async (t) => {
      const mistakes = new Map<string, string>()
      const wrong = {
        '192.0.2.1': '{"reason": ',
        '192.0.2.2': '{"reason": 1, "secret": "x"}',
        '2001:db8::/32': '{"raeson": "x"}',
        'example.com': '{}',
        '192.0.2.0/33': '{}'
      }
      await put(peer, '192.0.2.9', 'spam')
      await put(peer, '192.0.2.8', '')
      for (const [text, value] of Object.entries(wrong)) await put(peer, text, value)
      const list = await follow(t, store, {
        rejected: (key, mistake) => mistakes.set(key.replace('RLW:BANS:', ''), mistake)
      })
      for (const ip of ['192.0.2.1', '192.0.2.2', '2001:db8::7', '192.0.2.8', '192.0.2.9']) {
        t.equal(list.has(ip), true, ip)
      }
      t.equal(list.size, 5)
      t.same(new Set(mistakes.keys()), new Set(Object.keys(wrong)))
      t.equal(mistakes.get('192.0.2.1'), 'not valid JSON')
      t.match(mistakes.get('2001:db8::/32'), /raeson.*reason/)
      t.match(mistakes.get('example.com'), /IP address/)

      mistakes.clear()
      await put(peer, '192.0.2.9', '{]')
      await waitFor(() => mistakes.has('192.0.2.9'), 'the mistake in a change')
      t.equal(list.has('192.0.2.9'), true)
      for (const text of ['192.0.2.8', '192.0.2.9', ...Object.keys(wrong)]) await remove(peer, text)
      await waitFor(() => list.size === 0, 'the end')
    }
  )

  await t.test('bans beyond the maximum are left out, which is reported once', async (t) => {
    const told: number[] = []
    for (let n = 0; n < 12; n++) await put(peer, `192.0.2.${n}`)
    const list = await follow(t, store, { max: 10, overflowed: (max) => told.push(max) })
    t.equal(list.size, 10)
    t.equal(list.overflow, true)
    await put(peer, '192.0.2.100')
    await list.refresh('192.0.2.100')
    t.equal(list.has('192.0.2.100'), false)
    t.same(told, [10])
    for (const n of [...Array(12).keys(), 100]) await remove(peer, `192.0.2.${n}`)
    await waitFor(() => list.size === 0, 'the end')
  })

  await t.test('10,000 bans are found, and only they', { timeout: 30_000 }, async (t) => {
    const { below } = seededRandom(t)
    const bans = new Set<string>()
    while (bans.size < 5000) bans.add(`10.${below(256)}.${below(256)}.${below(256)}`)
    while (bans.size < 10_000) bans.add(`2001:db8:${below(0xffff).toString(16)}::/64`)
    const operations = [...bans].map(
      (text) => ({ op: 'set', key: peer.keys.ban(text), value: '{"reason":"x"}' }) as const
    )
    for (let at = 0; at < operations.length; at += 1000) {
      await peer.driver.write(operations.slice(at, at + 1000))
    }
    const list = await follow(t, store)
    await waitFor(() => list.size === bans.size, 'all of them')
    const missing = [...bans].filter((text) => !list.has(text.replace('::/64', '::7')))
    t.same(missing, [])
    for (let n = 0; n < 10_000; n++) {
      const ip = `10.${below(256)}.${below(256)}.${below(256)}`
      if (list.has(ip) !== bans.has(ip)) t.fail(ip)
    }
    t.equal(list.has('2001:db9::7'), false)

    const deletions = operations.map(({ key }) => ({ op: 'delete', key }) as const)
    for (let at = 0; at < deletions.length; at += 1000) {
      await peer.driver.write(deletions.slice(at, at + 1000))
    }
    await waitFor(() => list.size === 0, 'the end of them')
  })

  await t.test('after a storm of changes the list has what the store has', async (t) => {
    const { below } = seededRandom(t)
    const list = await follow(t, store)
    const texts = Array.from({ length: 20 }, (_, n) => `192.0.2.${n}${n % 3 === 0 ? '/32' : ''}`)
    for (let round = 0; round < 20; round++) {
      const changes = Array.from({ length: 20 }, async () => {
        const text = texts[below(texts.length)] ?? ''
        const from = below(2) === 0 ? store : peer
        if (below(2) === 0) await put(from, text, '{}', below(2) === 0 ? 60_000 : undefined)
        else await remove(from, text)
      })
      await Promise.all(changes)
    }
    const stored = new Set<string>()
    for await (const keys of store.driver.keys(store.keys.bans())) {
      for (const key of keys) stored.add(key.slice(store.keys.bans().length))
    }
    const isSame = (): boolean =>
      list.size === stored.size &&
      texts.every((text) => list.has(text.replace('/32', '')) === stored.has(text))
    await waitFor(isSame, 'the same')
    for (const text of stored) await remove(peer, text)
    await waitFor(() => list.size === 0, 'the end')
  })

  await t.test('a closed list keeps what it has, and follows the store no more', async (t) => {
    const list = await follow(t, store)
    const open = await follow(t, store)
    await put(peer, '192.0.2.1')
    await waitFor(() => list.has('192.0.2.1') && open.has('192.0.2.1'), 'the ban')
    await list.close()
    await remove(peer, '192.0.2.1')
    await waitFor(() => !open.has('192.0.2.1'), 'the end, where it is followed')
    await list.refresh('192.0.2.1')
    t.equal(list.has('192.0.2.1'), true)
    const early = new BanList(store)
    await early.close()
    await early.loaded
  })
}
