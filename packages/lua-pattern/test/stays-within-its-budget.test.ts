import t from 'tap'
import { compilePattern, LuaPatternBudgetError } from '../src/index.ts'

const EXPENSIVE = [
  ['a-a-a-a-a-a-b', 'a'.repeat(8192)],
  ['^a*a*a*a*a*b', 'a'.repeat(8192)],
  ['(.-)(.-)x', 'a'.repeat(65_536)],
  ['.*.*x', 'a'.repeat(65_536)],
  ['%w+%d+!', '1'.repeat(65_536)],
  [`${'a?'.repeat(40)}b`, 'a'.repeat(8192)],
  ['%b()', '('.repeat(65_536)],
  ['(a*)%1b', 'a'.repeat(8192)]
] as const

t.test('a match that is too expensive throws, and the pattern works afterwards', async (t) => {
  for (const [source, subject] of EXPENSIVE) {
    const pattern = compilePattern(source)
    const expected = { code: 'RELIW_LUA_PATTERN_BUDGET', pattern: source, budget: 100_000 }
    t.throws(() => pattern.test(subject), expected, source)
    t.throws(() => pattern.match(subject), LuaPatternBudgetError, source)
    t.throws(() => pattern.gsub(subject, ''), LuaPatternBudgetError, source)
    t.notOk(pattern.test('#'), `${source} still says no`)
    t.ok(pattern.test('aab11!x()'), `${source} still says yes`)
  }
})

t.test('a long subject needs no deep stack', async (t) => {
  const subject = `${'a'.repeat(65_536)}x`
  for (const source of ['(.-)(.-)x', 'a*x', 'a-x', '(a*)()x', '.-.-.-.-x$']) {
    t.ok(compilePattern(source, { stepLimit: 1e6 }).test(subject), source)
  }
})

t.test('a long pattern needs no deep stack either', async (t) => {
  const pattern = compilePattern('a?'.repeat(20_000), { stepLimit: 1e6 })
  t.equal(pattern.match('a'.repeat(10_000))?.end, 10_000)
})

t.test('the budget is per call and may be set', async (t) => {
  const pattern = compilePattern('a-b', { stepLimit: 100 })
  const subject = `${'a'.repeat(40)}b`
  for (let call = 0; call < 10; call++) t.ok(pattern.test(subject))
  t.throws(() => pattern.test(subject.repeat(2).replace('b', 'a')), LuaPatternBudgetError)
})

t.test('the budget of gsub grows with its subject', async (t) => {
  const pattern = compilePattern('(%w)(%s*)', { stepLimit: 1 })
  const subject = 'a '.repeat(100_000)
  t.equal(pattern.gsub(subject, '%2%1').count, 100_000)
})

t.test('searching for a literal costs no steps', async (t) => {
  const subject = 'a'.repeat(1_000_000)
  t.notOk(compilePattern('aaab').test(subject))
  t.notOk(compilePattern('b.*').test(subject))
  t.notOk(compilePattern('%d+x').test(subject))
  t.notOk(compilePattern('^b').test(subject))
})
