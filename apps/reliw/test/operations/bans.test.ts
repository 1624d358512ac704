import { type Block, parseBlock } from '@reliw/limits/bans'
import t from 'tap'
import { addBan, deleteBan, listBans } from '../../src/operations/bans.ts'
import { contents, countWrites, inEachStore, invalid, missing } from './stores.ts'

const REASON = { reason: 'spam', by: 'test' }

function blockOf(text: string): Block {
  const block = parseBlock(text)
  if (block === undefined) throw new Error(text)
  return block
}

await inEachStore(t, 'bans are added, and listed in the order of addresses', async (t, place) => {
  const { store } = place
  for (const text of ['2001:db8::/32', '192.0.2.10', '192.0.2.9'])
    await addBan(store, { ...REASON, block: blockOf(text) })
  await addBan(store, { ...REASON, block: blockOf('198.51.100.0/24'), duration: 60_000 })
  const bans = await listBans(store)
  t.match(bans, [
    { ...REASON, address: '192.0.2.9', left: undefined },
    { address: '192.0.2.10' },
    { address: '198.51.100.0/24' },
    { address: '2001:db8::/32' }
  ])
  const { left = Infinity } = bans[2] ?? {}
  t.ok(left > 0 && left <= 60_000, `${left} ms`)
})

await inEachStore(t, 'a wide block is banned only with isWide', async (t, { store }) => {
  const block = blockOf('10.0.0.0/7')
  await t.rejects(addBan(store, { ...REASON, block }), invalid)
  t.strictSame(await contents(store), {})
  await addBan(store, { ...REASON, block, isWide: true })
  t.match(await listBans(store), [{ address: '10.0.0.0/7' }])
})

await inEachStore(t, 'all spellings of a ban are deleted in one write', async (t, { store }) => {
  const { driver, keys } = store
  const block = blockOf('2001:db8::7')
  const ops = ['2001:db8::7', '2001:DB8::7'].map((text) => ({
    op: 'set' as const,
    key: keys.ban(text),
    value: '{}'
  }))
  await driver.write(ops)
  t.equal(await countWrites(async () => deleteBan(store, block, '2001:DB8::7')), 1)
  t.strictSame(await contents(store), {})
  await addBan(store, { ...REASON, block: blockOf('2001:db8::/48') })
  await t.rejects(deleteBan(store, block), { ...missing, message: /part of 2001:db8::\/48/ })
})
