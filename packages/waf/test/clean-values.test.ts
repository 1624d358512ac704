import { openStore } from '@reliw/store'
import { tempDir } from '@reliw/testing'
import t from 'tap'
import { CleanBudget, CleanValues } from '../src/lua/clean-values.ts'
import { startApp, statusOf } from './start-app.ts'

t.test('values are cached, up to the limit that all caches share', (t) => {
  const budget = new CleanBudget(100)
  const all = [new CleanValues(budget), new CleanValues(budget), new CleanValues(budget)]
  const values = Array.from({ length: 500 }, (_, n) => `value ${n}`)
  let most = 0
  for (const value of values) {
    for (const clean of all) clean.add(value)
    t.ok(all[2]?.has(value), 'the last one is')
    const kept = all.flatMap((clean) => values.filter((other) => clean.has(other)))
    most = Math.max(most, kept.length)
  }
  t.ok(most > 90 && most <= 100, `${most}`)
  t.end()
})

t.test('adding a cached value again takes no room', (t) => {
  const clean = new CleanValues(new CleanBudget(2))
  clean.add('first')
  for (let n = 0; n < 10; n++) clean.add('second')
  t.ok(clean.has('first'))
  clean.add('third')
  const kept = ['first', 'second', 'third'].filter((value) => clean.has(value))
  t.strictSame(kept, ['third'])
  t.end()
})

t.test('long values are not cached', (t) => {
  const clean = new CleanValues(new CleanBudget())
  clean.add('x'.repeat(10_000))
  t.notOk(clean.has('x'.repeat(10_000)))
  t.end()
})

t.test('clean values are evaluated again when rules change, on each host by its own', async (t) => {
  const store = await openStore({ dir: tempDir(t) })
  t.teardown(() => store.close())
  const put = async (host: string, rules: object): Promise<void> =>
    store.driver.write([
      { op: 'hset', key: store.keys.waf(), fields: { [host]: JSON.stringify(rules) } }
    ])
  const { get } = await startApp(t, { store })
  const ask = async (): Promise<number> => statusOf(await get('/later', 'X-A: later\r\n'))
  await put('b.example', { query: ['later'] })
  await put('a.example', { query: ['other'], headers: { 'x-a': ['other'] } })
  for (let n = 0; n < 3; n++) t.equal(await ask(), 200)
  await put('a.example', { query: ['later'] })
  t.equal(await ask(), 403)
  await put('a.example', { query: ['other'] })
  for (let n = 0; n < 3; n++) t.equal(await ask(), 200)
  await put('__', { headers: { 'x-a': ['later'] } })
  t.equal(await ask(), 403)
  await put('__', { headers: { 'x-a': ['later'] }, exclusions: [{ header: 'x-a' }] })
  t.equal(await ask(), 200)
  await put('__', { headers: { 'x-a': ['later'] } })
  t.equal(await ask(), 403)
})

t.test(
  'a value that is clean as one header is evaluated as another, and as a target',
  async (t) => {
    const rules = { query: ['one'], headers: { 'x-a': ['two'], 'x-b': ['one'] } }
    const { get, verdicts } = await startApp(t, { rules })
    t.equal(statusOf(await get('/two', 'X-A: /one\r\nX-B: /two\r\n')), 200)
    t.equal(statusOf(await get('/one')), 403)
    t.equal(statusOf(await get('/', 'X-A: /two\r\n')), 403)
    t.equal(statusOf(await get('/', 'X-B: /one\r\n')), 403)
    t.equal(verdicts.length, 3)
  }
)
