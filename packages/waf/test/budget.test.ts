import { toByteString } from '@reliw/lua-pattern'
import t, { type Test } from 'tap'
import type { WafOptions } from '../src/index.ts'
import { startApp, statusOf, type WafApp } from './start-app.ts'

const SIZE = 8000
/** Small enough for every hostile case below to be over it. */
const BUDGET = 50_000

/** A pattern, and what a request is filled with so that it takes long. */
const HOSTILE: readonly (readonly [pattern: string, fill: string])[] = [
  ['^(.-)(.-)(.-)(.-)!$', 'a'],
  ['^.-.-.-.-!', 'ab'],
  ['.*.*.*.*!', 'a'],
  ['(.*)(.*)(.*)!', '%61'],
  ['a*a*a*a*!', 'a'],
  ['a+a+a+!', 'a'],
  ['[a-z]*[a-y]*[a-x]*%d', 'abc'],
  ['a?a?a?a?a?a?a?a?a?a?a?a?!', 'a'],
  ['%s*or%s*1%s*=%s*2', '+'],
  ['%b()!', '('],
  ['%b()%b()!', '((()'],
  ['(.+)%1!', 'a'],
  ['(a*)(b*)%1%2!', 'aab'],
  ['(.-)%1%1%1x!', 'ab'],
  ['%f[%w].-%f[%W]!', 'a-'],
  ['%f[a][ac]*[ac]*!', 'ac'],
  ['[^!]*!', 'union+select'],
  ['select.-from.-where.-!', 'select+from+where+'],
  ['<.->.-</.->!', '<a></a>'],
  ['.-.-\xe9!', '%c3%a9']
]

function fill(text: string, size = SIZE): string {
  return text.repeat(Math.ceil(size / text.length)).slice(0, size)
}

function excluding(exclusion: object): WafOptions {
  const rules = { query: ['x.-y.-z'], exclusions: [exclusion] }
  return { rules, budget: 20_000, on_budget: 'pass' }
}

/** Asks, and expects a verdict that says whose rule used up the steps. */
async function isOver(t: Test, { get, verdicts, log }: WafApp, status: number, text: string) {
  verdicts.length = 0
  log.length = 0
  const action = status === 403 ? 'block' : 'pass'
  t.equal(statusOf(await get(`/?q=${fill(text)}`)), status)
  t.match(verdicts, [
    { action, isOverBudget: true, rule: '__/query/1', where: 'query', score: 0, matches: [] }
  ])
  t.match(JSON.parse(log[0] ?? '{}'), { waf: { action, rule: '__/query/1', over_budget: true } })
}

for (const [onBudget, status] of [
  ['block', 403],
  ['pass', 200]
] as const) {
  t.test(`requests that use up their steps: ${onBudget}`, async (t) => {
    for (const [pattern, text] of HOSTILE) {
      const rules = { query: [toByteString(pattern)] }
      const app = await startApp(t, { rules, budget: BUDGET, on_budget: onBudget })
      await t.test(pattern, async (t) => isOver(t, app, status, text))
      t.equal(
        statusOf(await app.get('/?q=-')),
        200,
        `after ${pattern} the next request has steps of its own`
      )
    }
  })
}

t.test('in mode detect, a request over its budget is served', async (t) => {
  const app = await startApp(t, { rules: { query: ['.*.*.*!'] }, budget: 1000, mode: 'detect' })
  await isOver(t, app, 200, 'a')
})

t.test('all rules share the steps, of all hosts and of one, of targets and headers', async (t) => {
  // Each takes a step for each byte and some more, and there are too few for the fourth.
  const slow = '^[^!]*!'
  const rules = { query: [slow, slow], headers: { 'x-a': [slow, slow] } }
  const { get, verdicts } = await startApp(t, { rules, budget: 4000 })
  const header = `X-A: ${fill('a', 1000)}\r\n`
  t.equal(statusOf(await get(`/${fill('a', 1000)}`, header)), 403)
  t.match(verdicts, [{ isOverBudget: true, rule: '__/header:x-a/2', where: 'header:x-a' }])
  t.equal(statusOf(await get('/', header)), 200)
  t.equal(statusOf(await get(`/${fill('b', 1000)}`)), 200)
})

t.test('a request that was over its budget is not cached as clean', async (t) => {
  const { get } = await startApp(t, { rules: { query: ['.*.*.*!'] }, budget: 1000 })
  for (let n = 0; n < 3; n++) t.equal(statusOf(await get(`/${fill('a', 400)}`)), 403)
})

t.test('500 rules take no more than a step for each byte of 8 KB', async (t) => {
  const query = Array.from({ length: 500 }, (_, n) => `attack${n}%d-[xyz]`)
  const target = `/?q=${fill('harmless-words.')}`
  const served = await startApp(t, { rules: { query }, budget: 500 * (target.length + 2) })
  t.equal(statusOf(await served.get(target)), 200)
  t.strictSame(served.verdicts, [])
  // What is looked past is not for nothing: it takes time as well.
  const { get, verdicts } = await startApp(t, { rules: { query }, budget: 5000 })
  t.equal(statusOf(await get(target)), 403)
  t.match(verdicts, [{ isOverBudget: true, where: 'query' }])
})

t.test('exclusions cannot be made to hold by making them take long', async (t) => {
  const parameter = await startApp(t, excluding({ parameter: 'q' }))
  t.equal(statusOf(await parameter.get('/?q=xyz')), 200)
  const rest = `r=${fill('xy', 2000)}`
  t.equal(statusOf(await parameter.get(`/?q=xyz&${rest}`)), 403)
  const path = await startApp(t, excluding({ path: '.*.*.*!' }))
  t.equal(statusOf(await path.get('/!?xyz')), 200)
  t.equal(statusOf(await path.get(`/${fill('a', 500)}?xyz`)), 403)
})

t.test('however many rules match and exclusions there are, no more steps are taken', async (t) => {
  const query = Array.from({ length: 200 }, (_, n) => `x[${n % 10}y]`)
  const exclusions = Array.from({ length: 50 }, (_, n) => ({ parameter: `q${n}` }))
  const { get, verdicts } = await startApp(t, { rules: { query, exclusions }, budget: 20_000 })
  t.equal(statusOf(await get(`/?q1=${fill('xy', 100)}`)), 403)
  t.equal(verdicts.length, 1)
  t.equal(statusOf(await get('/?q1=xy')), 200)
})
