import { queryObjects } from 'node:v8'
import { ANY_HOST, type Store } from '@reliw/model'
import { openStore } from '@reliw/store'
import { tempDir } from '@reliw/testing'
import t, { type Test } from 'tap'
import { LuaRules } from '../src/lua/lua-rules.ts'
import { RuleSource } from '../src/rule-source.ts'

async function open(t: Test): Promise<{ store: Store; source: RuleSource }> {
  const store = await openStore({ dir: tempDir(t) })
  t.teardown(() => store.close())
  const source = new RuleSource(store, undefined, { mode: 'block', action: { status: 403 } })
  return { store, source }
}

async function write({ driver, keys }: Store, fields: Record<string, object>): Promise<void> {
  const texts = Object.entries(fields).map(([host, rules]) => [host, JSON.stringify(rules)])
  await driver.write([{ op: 'hset', key: keys.waf(), fields: Object.fromEntries(texts) }])
}

t.test('rules stay compiled while neither those of the host nor of all change', async (t) => {
  const { store, source } = await open(t)
  const own = { query: ['own'] }
  await write(store, { [ANY_HOST]: { query: ['all'] }, 'a.example': own })
  const first = await source.rulesOf('a.example')
  t.equal(source.rulesOf('a.example'), first, 'warm')
  await write(store, { 'a.example': own, 'b.example': own })
  t.equal(await source.rulesOf('a.example'), first, 'the rules of another host')
  const other = await source.rulesOf('b.example')
  t.equal(other.sets[0], first.sets[0], 'those for all hosts are shared')
  t.not(other.sets[1], first.sets[1], 'equal rules are named after their host')
  await write(store, { [ANY_HOST]: { query: ['changed'] } })
  const second = await source.rulesOf('a.example')
  t.not(second.sets[0], first.sets[0], 'the rules for all hosts')
  t.equal(second.sets[1], first.sets[1])
})

t.test('10,000 hosts that come and go leave no rules', async (t) => {
  const { store, source } = await open(t)
  const { driver, keys } = store
  await write(store, { [ANY_HOST]: { query: ['all'] } })
  let left = 0
  for (let round = 0; round < 10; round++) {
    const hosts = Array.from({ length: 1000 }, (_, at) => `${round}-${at}.example`)
    await write(store, Object.fromEntries(hosts.map((host) => [host, { query: ['own'] }])))
    for (const host of hosts) {
      if ((await source.rulesOf(host)).sets.length !== 2) t.fail(`no rules of ${host}`)
    }
    await driver.write(hosts.map((field) => ({ op: 'hdelete', key: keys.waf(), field })))
    for (const host of hosts) left += (await source.rulesOf(host)).sets.length - 1
  }
  t.equal(left, 0)
  t.equal(queryObjects(LuaRules, { format: 'count' }), 1, 'but those for all hosts')
})
