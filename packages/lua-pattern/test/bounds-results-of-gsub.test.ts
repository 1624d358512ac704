import t from 'tap'
import { compilePattern } from '../src/index.ts'

const ERROR = {
  name: 'LuaPatternBudgetError',
  code: 'RELIW_LUA_PATTERN_BUDGET',
  message: /bytes of result/
}

t.test('a result that replacements make too long is refused while it is made', async (t) => {
  const path = '/'.padEnd(8000, 'a')
  for (const [pattern, replacement] of [
    ['.', 'x'.repeat(100_000)],
    ['', 'x'.repeat(100_000)],
    ['()', 'x'.repeat(1000)],
    ['.*', '%0'.repeat(50_000)],
    ['(.*)', '%1'.repeat(50_000)],
    ['(.)(.)', '%1%2'.repeat(10_000)],
    ['.-', '%%'.repeat(1000)]
  ] as const)
    t.throws(() => compilePattern(pattern).gsub(path, replacement), ERROR, pattern)
})

t.test('a result below the limit is returned, and the pattern can be used again', async (t) => {
  const pattern = compilePattern('a')
  t.throws(() => pattern.gsub('a'.repeat(100), 'x'.repeat(10_000)), ERROR)
  t.equal(pattern.gsub('a'.repeat(100), 'x'.repeat(600)).result.length, 60_000)
  t.equal(pattern.gsub('b'.repeat(200_000), 'x').count, 0, 'a subject may be of any length')
  t.equal(pattern.gsub('a'.repeat(10_000), 'x'.repeat(16)).result.length, 160_000)
})
