import { openStore } from '@reliw/store'
import { tempDir } from '@reliw/testing'
import t from 'tap'
import { startApp } from './start-app.ts'

t.test('the first match decides: all hosts before one, targets before headers', async (t) => {
  const store = await openStore({ dir: tempDir(t) })
  t.teardown(() => store.close())
  const fields = {
    __: JSON.stringify({ query: ['one', 'two'], headers: { 'x-b': ['three'], 'x-a': ['four'] } }),
    'a.example': JSON.stringify({ query: ['one', 'five'], headers: { 'x-b': ['three', 'six'] } })
  }
  await store.driver.write([{ op: 'hset', key: store.keys.waf(), fields }])
  const { get, verdicts, events } = await startApp(t, { store })
  const all = ['two', 'one', 'five'].join('/')
  const cases: readonly (readonly [target: string, b: string, a: string, rule: string])[] = [
    [`/${all}`, 'six three', 'four', '__/query/1'],
    ['/five/two', 'six three', 'four', '__/query/2'],
    ['/five', 'six three', 'four', '__/header:x-b/1'],
    ['/five', 'six', 'four', '__/header:x-a/1'],
    ['/five', 'six', '-', 'a.example/query/2'],
    ['/', 'six', '-', 'a.example/header:x-b/2']
  ]
  for (const [target, b, a, rule] of cases) {
    const ruleSet = rule.startsWith('__/') ? 'all' : 'host'
    verdicts.length = 0
    await get(target, `X-A: ${a}\r\nX-B: ${b}\r\n`)
    t.match(verdicts, [{ rule, ruleSet, score: 100, matches: [{ rule }] }], rule)
    t.match(events.at(-1), { rule, ruleSet })
    t.equal(verdicts[0]?.matches.length, 1)
  }
  t.equal(events.length, cases.length)
})

t.test('of several values of a header, the first that matches decides', async (t) => {
  const { get, verdicts } = await startApp(t, { rules: { headers: { 'x-a': ['one', 'two'] } } })
  await get('/', 'X-A: -\r\nX-A: two\r\nX-A: one\r\n')
  t.match(verdicts, [{ rule: '__/header:x-a/2', matches: [{ value: 'two' }] }])
})
