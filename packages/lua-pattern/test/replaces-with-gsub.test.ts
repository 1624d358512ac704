import t from 'tap'
import { compilePattern, LuaPatternError } from '../src/index.ts'

type Row = [pattern: string, subject: string, replacement: string, result: string, count: number]

const TABLES: Record<string, Row[]> = {
  'every match is replaced': [
    ['a', 'banana', 'o', 'bonono', 3],
    ['%s+', 'a  b c', '-', 'a-b-c', 2],
    ['x', 'abc', 'y', 'abc', 0],
    ['/$', '/docs/', '/index.html', '/docs/index.html', 1]
  ],
  'an anchored pattern is replaced once': [
    ['^a', 'aaa', 'b', 'baa', 1],
    ['^b', 'ab', 'c', 'ab', 0]
  ],
  'an empty match is replaced between the bytes and after a match': [
    ['', 'abc', '-', '-a-b-c-', 4],
    ['x*', 'abc', '-', '-a-b-c-', 4],
    ['%w*', 'abc', 'x', 'xx', 2],
    ['a-', 'aa', '.', '.a.a.', 3],
    ['$', 'ab', '!', 'ab!', 1],
    ['', '', 'x', 'x', 1],
    ['%f[%w]', 'a bc', '<', '<a <bc', 2]
  ],
  'captures are inserted by number': [
    ['(%w+) (%w+)', 'hello world', '%2 %1', 'world hello', 1],
    ['%w+', 'a b', '<%0>', '<a> <b>', 2],
    ['%w+', 'a b', '<%1>', '<a> <b>', 2],
    ['(a)(b)', 'ab', '%0%1%2', 'abab', 1],
    ['()a', 'xaya', '%1', 'x2y4', 2],
    ['^/old/(.*)$', '/old/a/b', '/new/%1.html', '/new/a/b.html', 1]
  ],
  'a percent sign escapes what is no digit': [
    ['a', 'a', '%%', '%', 1],
    ['a', 'a', '%x', 'x', 1],
    ['a', 'a', '100%%%0', '100%a', 1],
    ['a', 'a', '%', '\0', 1],
    ['a', 'a', '%%1', '%1', 1]
  ]
}

for (const [title, rows] of Object.entries(TABLES)) {
  t.test(title, async (t) => {
    for (const [pattern, subject, replacement, result, count] of rows) {
      const label = JSON.stringify([pattern, subject, replacement])
      t.same(compilePattern(pattern).gsub(subject, replacement), { result, count }, label)
    }
  })
}

t.test('no more matches than the limit are replaced', async (t) => {
  const pattern = compilePattern('a')
  t.same(pattern.gsub('aaa', 'b', 2), { result: 'bba', count: 2 })
  t.same(pattern.gsub('aaa', 'b', 0), { result: 'aaa', count: 0 })
  t.same(pattern.gsub('aaa', 'b', -1), { result: 'aaa', count: 0 })
})

t.test('a capture the pattern lacks throws once there is a match', async (t) => {
  t.throws(() => compilePattern('(a)').gsub('a', 'xy%2'), {
    code: 'RELIW_LUA_PATTERN_REPLACEMENT',
    fault: 'invalid capture index',
    position: 2,
    message: /offset 2 of the Lua replacement/
  })
  t.throws(() => compilePattern('a').gsub('a', '%2'), LuaPatternError)
  t.same(compilePattern('(a)').gsub('b', '%2'), { result: 'b', count: 0 })
})
