import t from 'tap'
import { compilePattern } from '../src/index.ts'

/** Pattern, subject, captures; undefined where nothing matches. */
type Row = [pattern: string, subject: string, captures: (string | number)[] | undefined]

const TABLES: Record<string, Row[]> = {
  'plain bytes match themselves, anywhere': [
    ['b', 'abc', ['b']],
    ['bc', 'abbc', ['bc']],
    ['', 'abc', ['']],
    ['x', 'abc', undefined],
    ['\xff\x80', 'a\xff\x80', ['\xff\x80']],
    ['a]', 'a]', ['a]']]
  ],
  'a dot is any byte, NUL and line feed too': [
    ['a.c', 'a\0c', ['a\0c']],
    ['a.c', 'a\nc', ['a\nc']],
    ['.', '', undefined]
  ],
  'a class and its complement': [
    ['%a+', '12ab3', ['ab']],
    ['%A+', 'ab12c', ['12']],
    ['%g', 'fgh', ['g']],
    ['%\xe9', '\xe9', ['\xe9']]
  ],
  'a percent sign escapes what is not a letter': [
    ['%.%%%[%-', 'a.%[-', ['.%[-']],
    ['%$$', 'a$', ['$']],
    ['%(a%)', '(a)', ['(a)']]
  ],
  'sets take bytes, ranges, classes and escapes': [
    ['[a-c]+', 'xabcd', ['abc']],
    ['[^a-c]+', 'abxyc', ['xy']],
    ['[%d_]+', 'a1_2b', ['1_2']],
    ['[%]%-]+', 'a]-', [']-']],
    ['[]]+', 'a]]', [']]']],
    ['[^]]+', ']ab]', ['ab']],
    ['[a-]+', 'x-a', ['-a']],
    ['[-a]+', 'xa-', ['a-']],
    ['[z-a]', 'amz-', undefined],
    ['[a^]+', '^a', ['^a']],
    ['[%a-z]+', '1-a', ['-a']],
    ['[+--]+', 'a+,-.', ['+,-']],
    ['[%W]+', 'ab--', ['--']],
    ['[.]', 'a.', ['.']]
  ],
  'a range that ends in a percent sign escapes the closing bracket as well': [
    ['[x-%%]+', 'a]', [']']],
    ['[!-%]x]+', '"$]x%', ['"$]x%']]
  ],
  'star and plus take as much as they can, minus as little': [
    ['a*', 'aaab', ['aaa']],
    ['a*b', 'aaab', ['aaab']],
    ['a+', 'baa', ['aa']],
    ['a+a', 'aaa', ['aaa']],
    ['a+b', 'aaab', ['aaab']],
    ['a?b+', 'abb', ['abb']],
    ['a*$', 'baa', ['aa']],
    ['^a*$', 'aab', undefined],
    ['a+', 'b', undefined],
    ['a-', 'aaa', ['']],
    ['a-b', 'aaab', ['aaab']],
    ['<.->', '<a><b>', ['<a>']],
    ['<.*>', '<a><b>', ['<a><b>']]
  ],
  'a question mark is one or none': [
    ['colou?r', 'color', ['color']],
    ['colou?r', 'colour', ['colour']],
    ['a?a', 'a', ['a']],
    ['a?a?a?aaa', 'aaa', ['aaa']]
  ],
  'anchors hold at the ends of the pattern only': [
    ['^a', 'ba', undefined],
    ['^b', 'ba', ['b']],
    ['a$', 'ab', undefined],
    ['b$', 'ab', ['b']],
    ['^$', '', ['']],
    ['^$', 'a', undefined],
    ['a^', 'a^', ['a^']],
    ['(^a)', '^a', ['^a']],
    ['$a', '$a', ['$a']],
    ['a($)', 'a$', ['$']],
    ['^^', '^', ['^']],
    ['%.php$', 'a.php.php', ['.php']],
    ['$*$', 'a$$', ['$$']]
  ],
  'a quantifier with nothing to repeat is a plain byte': [
    ['*', 'a*', ['*']],
    ['a**', 'aa*', ['aa*']],
    ['(*)', '*', ['*']],
    ['^+', '+', ['+']],
    ['%f[a]*', '*a', undefined],
    ['(a)%1+', 'aa+', ['a']]
  ],
  'captures come in the order of their opening': [
    ['(a)(b)', 'ab', ['a', 'b']],
    ['((a)(b))', 'ab', ['ab', 'a', 'b']],
    ['(a*)(b?)', 'b', ['', 'b']],
    ['(.-)=(.*)', 'k=v=w', ['k', 'v=w']],
    ['(.*)(.)', 'abc', ['ab', 'c']]
  ],
  'an empty capture is the 1-based position': [
    ['()', 'abc', [1]],
    ['()b()', 'abc', [2, 3]],
    ['()$', 'abc', [4]],
    ['a()(b)', 'ab', [2, 'b']]
  ],
  'a back-reference repeats what was captured': [
    ['(a+)%1', 'aaaaa', ['aa']],
    ['(["\'])(.-)%1', 'x="it\'s"', ['"', "it's"]],
    ['(%w)%1', 'abccd', ['c']],
    ['()%1', 'a1', undefined],
    ['(.-)b%1$', 'cbaba', ['a']]
  ],
  'a balance takes nested pairs': [
    ['%b()', 'f(a(b)c)d', ['(a(b)c)']],
    ['%b()', '((a)', ['(a)']],
    ['%b()', '(((', undefined],
    ["%b''", "a'b'c'", ["'b'"]],
    ['%b%%', 'a%b%', ['%b%']]
  ],
  'a frontier lies where a set begins, with a NUL at both ends': [
    ['%f[%w]%w+', '  two', ['two']],
    ['%f[a]a', 'aa', ['a']],
    ['%f[%z]', 'ab', ['']],
    ['%f[%Z]()', 'ab', [1]],
    ['()%f[%z]', 'ab', [3]],
    ['%f[%W]()', 'ab c', [3]]
  ],
  'a NUL in the pattern is a byte like any other': [
    ['a\0b', 'xa\0b', ['a\0b']],
    ['[\0b]+', 'a\0b', ['\0b']],
    ['%b\0x', 'a\0b\0xx', ['\0b\0xx']],
    ['%\0', '\0', ['\0']]
  ]
}

for (const [title, rows] of Object.entries(TABLES)) {
  t.test(title, async (t) => {
    for (const [source, subject, captures] of rows) {
      const pattern = compilePattern(source)
      const label = JSON.stringify([source, subject])
      t.same(pattern.match(subject)?.captures, captures, label)
      t.equal(pattern.test(subject), captures !== undefined, label)
    }
  })
}

t.test('classes are those of the C locale', async (t) => {
  const members: Record<string, RegExp> = {
    a: /[A-Za-z]/,
    // oxlint-disable-next-line no-control-regex
    c: /[\x00-\x1f\x7f]/,
    d: /[0-9]/,
    l: /[a-z]/,
    p: /[!-/:-@[-`{-~]/,
    s: /[\t-\r ]/,
    u: /[A-Z]/,
    w: /[0-9A-Za-z]/,
    x: /[0-9A-Fa-f]/,
    // oxlint-disable-next-line no-control-regex
    z: /\x00/
  }
  const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
  for (const [letter, expected] of Object.entries(members)) {
    const inside = compilePattern(`%${letter}`)
    const outside = compilePattern(`%${letter.toUpperCase()}`)
    t.ok(
      bytes.every((byte) => inside.test(byte) === expected.test(byte)),
      letter
    )
    t.ok(
      bytes.every((byte) => outside.test(byte) !== expected.test(byte)),
      `not ${letter}`
    )
  }
})

t.test('a match has 0-based offsets, its end excluded', async (t) => {
  t.same(compilePattern('b+').match('abbc'), { start: 1, end: 3, captures: ['bb'] })
  t.same(compilePattern('x*').match('abc'), { start: 0, end: 0, captures: [''] })
})

t.test('a match is searched from an offset, where the anchor then holds', async (t) => {
  t.equal(compilePattern('a').match('aba', 1)?.start, 2)
  t.equal(compilePattern('^b').match('ab', 1)?.start, 1)
  t.equal(compilePattern('^a').match('ab', 1), undefined)
  t.same(compilePattern('()').match('ab', 1)?.captures, [2])
  t.equal(compilePattern('%f[b]').match('bb', 1), undefined, 'what is before still counts')
  t.equal(compilePattern('').match('ab', 99)?.start, 2)
  t.equal(compilePattern('a').match('ab', -99)?.start, 0)
})

t.test('a leading repetition of the dot finds what comes late', async (t) => {
  t.same(compilePattern('.-(%d+)').match('ab12')?.captures, ['12'])
  t.same(compilePattern('.+b').match('ab'), { start: 0, end: 2, captures: ['ab'] })
  t.same(compilePattern('(.-)x%1').match('abxb'), { start: 1, end: 4, captures: ['b'] })
  t.same(compilePattern('.?b').match('aab')?.start, 1)
})

t.test('thirty-two captures are not too many', async (t) => {
  t.equal(compilePattern('(a)'.repeat(32)).match('a'.repeat(32))?.captures.length, 32)
})

t.test('a character that is not a byte matches nothing', async (t) => {
  for (const pattern of ['.', '[^a]', '%D', '%f[%Z]']) {
    t.notOk(compilePattern(`^${pattern}$`).test('\u0100'), pattern)
  }
})

t.test('a pattern keeps its source and nothing of its last subject', async (t) => {
  const pattern = compilePattern('(a)(b*)')
  t.equal(pattern.source, '(a)(b*)')
  t.same(pattern.match('abb')?.captures, ['a', 'bb'])
  t.same(pattern.match('xa')?.captures, ['a', ''])
  t.equal(pattern.match('x'), undefined)
})
