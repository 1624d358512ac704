import { join } from 'node:path'
import type { Store } from '@reliw/model'
import { openStore, type StoreOptions } from '@reliw/store'
import { HUNG_AFTER, startRedis, waitFor } from '@reliw/testing'
import t, { type Test } from 'tap'
import { createWorkplace, type Workplace } from './run-cli.ts'

/** The store in which the commands work. */
async function openFor(t: Test, options: StoreOptions): Promise<Store> {
  const store = await openStore(options)
  t.teardown(() => store.close())
  t.equal(await store.ready(HUNG_AFTER), true)
  return store
}

async function put(store: Store, bans: Record<string, string>): Promise<void> {
  for (const [block, value] of Object.entries(bans)) {
    await store.driver.write([{ op: 'set', key: store.keys.ban(block), value }])
  }
}

async function banned({ driver, keys }: Store): Promise<string[]> {
  const blocks: string[] = []
  for await (const batch of driver.keys(keys.bans())) {
    blocks.push(...batch.map((key) => key.slice(keys.bans().length)))
  }
  return blocks.toSorted()
}

/** What the commands do, whatever the store stands on. */
async function banAndUnban(t: Test, { run, reliw }: Workplace, store: Store): Promise<void> {
  const heard: string[] = []
  await store.driver.subscribe(store.keys.channel('WAFFERS'), (block) => heard.push(block))
  const said = await Promise.all([
    reliw('ban', '192.0.2.10'),
    reliw('ban', '192.0.2.9', '--for', '5400', '--reason', 'spam and more'),
    reliw('ban', '2001:DB8:0::7/48', '--for=2d')
  ])
  t.same(said, [
    '192.0.2.10: banned forever\n',
    '192.0.2.9: banned for 1h 30m\n',
    '2001:db8::/48: banned for 2d\n'
  ])
  await waitFor(() => heard.length === 3, 'the messages')
  t.same(heard.toSorted(), ['192.0.2.10', '192.0.2.9', '2001:db8::/48'])

  const [json, table] = await Promise.all([reliw('bans', '--json'), reliw('bans')])
  const { bans } = JSON.parse(json) as { bans: { left: number }[] }
  t.match(bans, [
    { address: '192.0.2.9', reason: 'spam and more', by: 'cli', since: /^\d{4}-.*Z$/ },
    { address: '192.0.2.10', reason: '', by: 'cli', left: null },
    { address: '2001:db8::/48' }
  ])
  t.ok((bans[0]?.left ?? 0) > 5000 && (bans[0]?.left ?? 0) <= 5400, `${bans[0]?.left} s left`)
  const lines = table.split('\n')
  t.match(lines[0], /^address {8}reason {9}by {3}since {21}left$/)
  t.match(lines[1], /^192\.0\.2\.9 {6}spam and more {2}cli {2}\d{4}-\S+Z {2}1h \d+m$/)
  t.match(lines[2], /^192\.0\.2\.10 {5}- {14}cli {2}\S+ {2}forever$/)
  t.match(lines[3], /^2001:db8::\/48 {2}- .* 1d 23h$|2d$/)

  const lifted = await Promise.all([
    reliw('unban', '::ffff:192.0.2.9'),
    reliw('unban', '192.0.2.10'),
    run(['unban', '2001:db8::7'])
  ])
  t.same(lifted.slice(0, 2), ['192.0.2.9: no longer banned\n', '192.0.2.10: no longer banned\n'])
  t.match(lifted[2], {
    code: 1,
    stdout: '',
    stderr: '2001:db8::7 is banned only as part of 2001:db8::/48: unban that block instead.\n'
  })
  await reliw('unban', '2001:db8:0:7::/48')
  t.same(await banned(store), [])
  t.match(await run(['unban', '192.0.2.9']), {
    code: 1,
    stderr: '192.0.2.9 is not banned.\n'
  })
}

t.test('bans are created, listed and lifted in Redis', async (t) => {
  const redis = await startRedis(t)
  const options = { redis: { port: redis.port } }
  await banAndUnban(t, createWorkplace(t, options), await openFor(t, options))
})

t.test('bans in the embedded store', async (t) => {
  const place = createWorkplace(t)
  const { dir, run, reliw } = place
  const store = await openFor(t, { dir: join(dir, 'reliw-store') })
  await t.test('are created, listed and lifted', async (t) => banAndUnban(t, place, store))

  await t.test('that do not exist are reported', async (t) => {
    const said = await Promise.all([reliw('bans'), reliw('bans', '--json')])
    t.same(said, ['There are no bans.\n', '{"bans":[]}\n'])
  })

  await t.test('that were made by hand are shown safely, and lifted as spelled', async (t) => {
    await put(store, {
      '2001:DB8::7': 'bad\u001b[2J\nguest',
      '198.51.100.7/32': '{"reason": 7}',
      '203.0.113.7': '{"since": 1e300}'
    })
    const lines = (await reliw('bans')).split('\n')
    t.equal(lines.length, 5)
    t.match(lines[1], /^198.51.100.7\/32 {2}- +- +- +forever$/)
    const REPLACEMENT = Buffer.from('\uFFFD').toString('latin1')
    t.match(lines[3], `2001:DB8::7      bad${REPLACEMENT}[2J${REPLACEMENT}guest`)
    await Promise.all([reliw('unban', '2001:DB8::7'), reliw('unban', '198.51.100.7/32')])
    await reliw('unban', '203.0.113.7')
    t.same(await banned(store), [])
  })

  await t.test('of wide blocks require --force', async (t) => {
    const refused = ['10.0.0.0/7', '2001::/15', '::ffff:0:0/96'].map(async (block) => {
      t.match(await run(['ban', block]), { code: 1, stdout: '', stderr: /--force/ }, block)
    })
    await Promise.all([
      ...refused,
      reliw('ban', '10.1.2.3/8'),
      reliw('ban', '2001::/16'),
      reliw('ban', '0.0.0.0/0', '--force')
    ])
    t.same(await banned(store), ['0.0.0.0/0', '10.0.0.0/8', '2001::/16'])
  })

  await t.test('of an invalid address or duration are refused', async (t) => {
    const before = await banned(store)
    const words = ['example.com', 'fe80::1%eth0'].map(async (word) => {
      const stderr = `${word} is neither an IP address nor a CIDR block.\n`
      t.match(await run(['ban', word]), { code: 1, stdout: '', stderr })
      t.match(await run(['unban', word]), { code: 1, stdout: '', stderr })
    })
    const times = ['0', '1w', '99999999999999d'].map(async (time) => {
      const outcome = await run(['ban', '192.0.2.1', `--for=${time}`])
      t.match(outcome, { code: 1, stdout: '', stderr: /^--for: expected a duration/ }, time)
    })
    await Promise.all([...words, ...times])
    t.same(await banned(store), before)
  })
})
