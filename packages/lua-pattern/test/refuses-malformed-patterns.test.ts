import t from 'tap'
import { compilePattern, LuaPatternError, type LuaPatternFault } from '../src/index.ts'

const MALFORMED: [pattern: string, fault: LuaPatternFault, position: number][] = [
  ['%', "ends with '%'", 0],
  ['abc%', "ends with '%'", 3],
  ['%%%', "ends with '%'", 2],
  ['[', "missing ']'", 0],
  ['a[bc', "missing ']'", 1],
  ['[]', "missing ']'", 0],
  ['[^]', "missing ']'", 0],
  ['[%]', "missing ']'", 0],
  ['[a%', "missing ']'", 0],
  ['[a-%]', "missing ']'", 0],
  ['%f[a', "missing ']'", 2],
  ['a%f', "missing '[' after '%f'", 1],
  ['%fa', "missing '[' after '%f'", 0],
  ['%b', 'unbalanced pattern', 0],
  ['a%b(', 'unbalanced pattern', 1],
  ['(a', 'unfinished capture', 0],
  ['(a(b)', 'unfinished capture', 0],
  ['(a)(b(', 'unfinished capture', 5],
  ['a)', 'invalid pattern capture', 1],
  ['())', 'invalid pattern capture', 2],
  ['%1', 'invalid capture index', 0],
  ['%0', 'invalid capture index', 0],
  ['(a%1)', 'invalid capture index', 2],
  ['(a)%2', 'invalid capture index', 3],
  ['%1(a)', 'invalid capture index', 0],
  ['()'.repeat(33), 'too many captures', 64],
  ['a\u0100', 'not a byte string', 1]
]

t.test('a malformed pattern is refused when it is compiled', async (t) => {
  for (const [pattern, fault, position] of MALFORMED) {
    const code = 'RELIW_LUA_PATTERN_MALFORMED'
    const message = `${fault} at offset ${position} of the Lua pattern (${code})`
    const expected = { name: 'LuaPatternError', code, fault, pattern, position, message }
    t.throws(() => compilePattern(pattern), expected, JSON.stringify(pattern))
  }
})

t.test('a fault that C Lua might never reach is refused as well', async (t) => {
  for (const pattern of ['never%', 'x-y[', 'a?b)', 'z*(']) {
    t.throws(() => compilePattern(pattern), LuaPatternError, pattern)
  }
})

t.test('a step limit is a positive integer', async (t) => {
  for (const stepLimit of [0, -1, 1.5, Number.NaN, Infinity]) {
    t.throws(() => compilePattern('a', { stepLimit }), RangeError)
  }
})
