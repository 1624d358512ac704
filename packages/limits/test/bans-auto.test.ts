import { channel } from 'node:diagnostics_channel'
import type { Store } from '@reliw/model'
import { AddressSet, Cidr, parseOptions, Publisher } from '@reliw/options'
import { openStore } from '@reliw/store'
import { HUNG_AFTER, startRedis, tempDir, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { AutoBanOptions } from '../src/bans/auto-ban-options.ts'
import { AutoBans, type AutoBanParts } from '../src/bans/auto-bans.ts'
import type { BanList } from '../src/bans/ban-list.ts'
import { follow, openFor, put, remove } from './bans-contract.ts'

const loginFailure = channel('reliw.auth.failure')
const wafVerdict = channel('reliw.waf.verdict')
const publisher = new Publisher()
const RULES: AutoBanOptions = {
  login_failures: { threshold: 3, window: '1m', duration: '1h' },
  waf_blocks: { threshold: 2, window: '2m', duration: '2h' },
  not_found: { threshold: 3, window: '3m', duration: '3h' }
}
const LOCAL = new AddressSet([Cidr.parse('127.0.0.0/8'), Cidr.parse('fd00::/8')])

interface Setup {
  store: Store
  list: BanList
  autoBans: AutoBans
  /** Key → how often it was counted; with the limit and the window it was counted against. */
  counts: Map<string, { uses: number; limit: number; window: number }>
  /** Blocks that were banned. */
  banned: string[]
  failures: unknown[]
}

async function setUp(
  t: Test,
  store: Store,
  options: AutoBanOptions = RULES,
  parts: Partial<AutoBanParts> = {}
): Promise<Setup> {
  const list = await follow(t, store)
  const counts: Setup['counts'] = new Map()
  const banned: string[] = []
  const failures: unknown[] = []
  const autoBans = new AutoBans(parseOptions('bans', AutoBanOptions, options), {
    store,
    bans: list,
    publisher,
    count(key, limit, window) {
      const uses = (counts.get(key)?.uses ?? 0) + 1
      counts.set(key, { uses, limit, window })
      return uses <= limit
    },
    isAllowed: (ip) => LOCAL.has(ip),
    banned: (block) => banned.push(block),
    failed: (error) => failures.push(error),
    ...parts
  })
  t.teardown(() => autoBans.close())
  return { store, list, autoBans, counts, banned, failures }
}

const failLogin = (clientIp: string): void =>
  loginFailure.publish({ publisher, clientIp, host: 'a.example' })
const failBy = (fields: object): void =>
  loginFailure.publish({ publisher, clientIp: '192.0.2.1', host: 'a.example', ...fields })
const verdict = (clientIp: string, action: string): void =>
  wafVerdict.publish({ publisher, clientIp, action })

const parse = (input: unknown): unknown => parseOptions('bans', AutoBanOptions, input)

/** What automatic bans do, whatever the store stands on. */
async function contract(t: Test, open: () => Promise<Store>): Promise<void> {
  const store = await open()
  const peer = await open()

  await t.test('a client is banned on all servers when it reaches the threshold', async (t) => {
    const { list, counts, banned, failures } = await setUp(t, store)
    const elsewhere = await follow(t, peer)
    const heard: string[] = []
    const stop = await peer.driver.subscribe(peer.keys.channel('WAFFERS'), (ip) => heard.push(ip))
    t.teardown(stop)
    failLogin('192.0.2.1')
    failLogin('192.0.2.1')
    failLogin('192.0.2.2')
    t.equal(counts.get('ban:login_failures:192.0.2.1')?.uses, 2)
    t.match(counts.get('ban:login_failures:192.0.2.1'), { limit: 2, window: 60_000 })
    t.same(banned, [])
    failLogin('192.0.2.1')
    await waitFor(() => elsewhere.has('192.0.2.1') && list.has('192.0.2.1'), 'the ban')
    await waitFor(() => heard.length > 0 && banned.length > 0, 'the message')
    t.same(heard, ['192.0.2.1'])
    t.same(banned, ['192.0.2.1'])
    t.equal(list.has('192.0.2.2'), false)
    const key = store.keys.ban('192.0.2.1')
    const value = JSON.parse(String(await store.driver.get(key))) as object
    t.match(value, { reason: 'login failures', by: 'auto', since: Number })
    const left = (await store.driver.ttl(key)) ?? 0
    t.ok(left > 3_500_000 && left <= 3_600_000, `${left} ms`)
    t.same(failures, [])
    await remove(store, '192.0.2.1')
    await waitFor(() => !list.has('192.0.2.1'), 'the end')
  })

  await t.test('forged tokens count as wrong passwords do, and spent ones do not', async (t) => {
    const { counts } = await setUp(t, store)
    failBy({ way: 'jwt', reason: 'exp: too long ago', isGuess: false })
    t.equal(counts.size, 0)
    failBy({ way: 'jwt', reason: 'wrong signature', isGuess: true })
    failBy({ way: 'forward', reason: 'the auth server responded with 403' })
    t.equal(counts.get('ban:login_failures:192.0.2.1')?.uses, 2)
  })

  await t.test('an IPv6 client is its /64', async (t) => {
    const { list, banned } = await setUp(t, store)
    for (const n of [1, 2, 3]) failLogin(`2001:db8:1:2::${n}`)
    await waitFor(() => banned.length > 0 && list.has('2001:db8:1:2:ffff::7'), 'the ban')
    t.same(banned, ['2001:db8:1:2::/64'])
    t.equal(list.has('2001:db8:1:3::1'), false)
    await remove(store, '2001:db8:1:2::/64')
  })

  await t.test('each kind has its own rule and count; only blocked requests count', async (t) => {
    const { autoBans, list, banned, counts } = await setUp(t, store)
    verdict('192.0.2.1', 'block')
    verdict('192.0.2.1', 'log')
    autoBans.notFound('192.0.2.1')
    autoBans.notFound('192.0.2.1')
    failLogin('192.0.2.1')
    t.same(
      [...counts].map(([key, { uses, limit, window }]) => [key, uses, limit, window]),
      [
        ['ban:waf_blocks:192.0.2.1', 1, 1, 120_000],
        ['ban:not_found:192.0.2.1', 2, 2, 180_000],
        ['ban:login_failures:192.0.2.1', 1, 2, 60_000]
      ]
    )
    verdict('192.0.2.1', 'block')
    for (let n = 0; n < 3; n++) autoBans.notFound('192.0.2.2')
    await waitFor(() => banned.length === 2 && list.size === 2, 'the bans')
    t.same(banned.toSorted(), ['192.0.2.1', '192.0.2.2'])
    await remove(store, '192.0.2.1')
    await remove(store, '192.0.2.2')
    await waitFor(() => list.size === 0, 'the end')
  })

  await t.test('a ban that is in force is not made again, whoever made it', async (t) => {
    const { list, banned, counts } = await setUp(t, store)
    const other = await setUp(t, peer)
    for (let n = 0; n < 100; n++) failLogin('192.0.2.1')
    await waitFor(() => list.has('192.0.2.1') && other.list.has('192.0.2.1'), 'the ban')
    await put(store, '192.0.2.7', 'by hand')
    await waitFor(() => list.has('192.0.2.7') && other.list.has('192.0.2.7'), 'the other ban')
    const { uses } = counts.get('ban:login_failures:192.0.2.1') ?? {}
    for (let n = 0; n < 10; n++) {
      failLogin('192.0.2.1')
      failLogin('192.0.2.7')
    }
    t.equal(counts.get('ban:login_failures:192.0.2.1')?.uses, uses, 'nor counted')
    t.equal(counts.size, 1)
    t.equal(String(await store.driver.get(store.keys.ban('192.0.2.7'))), 'by hand')

    // Lifted, it is made again when there is reason to.
    await other.autoBans.close()
    await remove(store, '192.0.2.1')
    await waitFor(() => !list.has('192.0.2.1') && !other.list.has('192.0.2.1'), 'the end')
    const before = banned.length
    failLogin('192.0.2.1')
    await waitFor(() => banned.length > before && list.has('192.0.2.1'), 'the ban')
    t.equal(banned.length, before + 1)
    await remove(store, '192.0.2.1')
    await remove(store, '192.0.2.7')
    await waitFor(() => list.size === 0, 'the end')
  })
}

const dir = tempDir(t)
const redis = await startRedis(t)
const options = { redis: { port: redis.port, db: 0, timeout: '5s' } }

await t.test('in the embedded store', async (t) => contract(t, () => openFor(t, { dir })))
await t.test('in Redis', async (t) => contract(t, () => openFor(t, options)))

t.test('an allowed, unknown or missing client is neither counted nor banned', async (t) => {
  const { autoBans, counts, failures } = await setUp(t, await openFor(t, { dir }))
  for (const ip of ['', 'somebody', '127.0.0.1', 'fd00::1', '::ffff:127.0.0.1']) {
    for (let n = 0; n < 5; n++) {
      failLogin(ip)
      autoBans.notFound(ip)
      verdict(ip, 'block')
    }
  }
  for (const message of [
    undefined,
    null,
    'x',
    1,
    {},
    { publisher, clientIp: '' },
    { clientIp: '192.0.2.1', action: 'block' },
    { publisher: new Publisher(), clientIp: '192.0.2.1', action: 'block' }
  ]) {
    loginFailure.publish(message)
    wafVerdict.publish(message)
  }
  t.equal(counts.size, 0)
  t.same(failures, [])
})

t.test('kinds without a rule are off', async (t) => {
  const { autoBans, counts } = await setUp(t, await openFor(t, { dir }), {})
  failLogin('192.0.2.1')
  verdict('192.0.2.1', 'block')
  autoBans.notFound('192.0.2.1')
  t.equal(counts.size, 0)
})

t.test('a threshold of one bans at once', async (t) => {
  const store = await openFor(t, { dir })
  const { autoBans, list, counts } = await setUp(t, store, { not_found: { threshold: 1 } })
  autoBans.notFound('192.0.2.1')
  await waitFor(() => list.has('192.0.2.1'), 'the ban')
  t.equal(counts.size, 0)
  await remove(store, '192.0.2.1')
})

t.test('a late count bans when it arrives', async (t) => {
  const store = await openFor(t, { dir })
  const responses: ((within: boolean) => void)[] = []
  const { autoBans, list, banned } = await setUp(t, store, RULES, {
    count: async () => new Promise<boolean>((resolve) => responses.push(resolve))
  })
  for (let n = 0; n < 4; n++) autoBans.notFound('192.0.2.1')
  t.equal(responses.length, 4)
  for (const [n, response] of responses.entries()) response(n < 2)
  await waitFor(() => list.has('192.0.2.1'), 'the ban')
  await autoBans.close()
  t.same(banned, ['192.0.2.1'], 'once')
  await remove(store, '192.0.2.1')
})

t.test('a count that fails is reported once, and bans no client', async (t) => {
  const store = await openFor(t, { dir })
  let isLate = false
  const { list, failures } = await setUp(t, store, RULES, {
    count() {
      if (isLate) return Promise.reject(new Error('late'))
      throw new Error('at once')
    }
  })
  failLogin('192.0.2.1')
  isLate = true
  for (let n = 0; n < 5; n++) failLogin('192.0.2.1')
  await store.driver.get('RLW:BANS:x')
  t.match(failures, [{ message: 'at once' }])
  t.equal(failures.length, 1)
  t.equal(list.size, 0)
})

t.test('a ban that the store refused is written at the next event', async (t) => {
  const store = await openStore(options)
  t.teardown(() => store.close())
  t.equal(await store.ready(HUNG_AFTER), true)
  const { list, banned, failures } = await setUp(t, store)
  await redis.kill9()
  await waitFor(() => !store.connected, 'the loss')
  for (let n = 0; n < 3; n++) failLogin('192.0.2.1')
  await waitFor(() => failures.length > 0, 'the failure')
  t.match(failures, [{ code: 'RELIW_STORE_UNAVAILABLE' }])
  t.equal(list.has('192.0.2.1'), false)
  await redis.restart()
  await waitFor(() => store.connected, 'the connection')
  t.same(banned, [])
  failLogin('192.0.2.1')
  await waitFor(() => banned.length > 0 && list.has('192.0.2.1'), 'the ban')
  t.same(banned, ['192.0.2.1'])
})

t.test('closing ends the subscriptions and completes pending writes', async (t) => {
  const store = await openFor(t, { dir })
  const { autoBans, banned, counts } = await setUp(t, store)
  for (let n = 0; n < 3; n++) failLogin('192.0.2.1')
  await autoBans.close()
  t.same(banned, ['192.0.2.1'])
  t.ok(await store.driver.get(store.keys.ban('192.0.2.1')))
  t.equal(loginFailure.hasSubscribers, false)
  t.equal(wafVerdict.hasSubscribers, false)
  counts.clear()
  autoBans.notFound('192.0.2.2')
  t.equal(counts.size, 0)
  await remove(store, '192.0.2.1')
})

t.test('rules are checked, and have defaults', async (t) => {
  t.same(parse({}), {})
  t.same(parse({ not_found: { threshold: 100 } }), {
    not_found: { threshold: 100, window: 600_000, duration: 3_600_000 }
  })
  const wrong: [unknown, RegExp][] = [
    [{ not_found: {} }, /not_found.threshold/],
    [{ not_found: { threshold: 0 } }, /not_found.threshold/],
    [{ not_found: { threshold: 1.5 } }, /not_found.threshold/],
    [{ not_found: { threshold: 5, window: 0 } }, /not_found.window: must be at least 1 second/],
    [{ waf_blocks: { threshold: 5, duration: '10ms' } }, /waf_blocks.duration: must be at least/],
    [{ login_failure: { threshold: 5 } }, /did you mean "login_failures"/]
  ]
  for (const [input, message] of wrong) t.throws(() => parse(input), { message })
})
