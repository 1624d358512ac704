import { test } from 'tap'
import { cookieValue, withoutCookies } from '../src/index.ts'

const NAMES = ['sid', '__Host-sid']

test('cookies of a name are removed, and the others keep their order and bytes', async (t) => {
  for (const [header, left] of [
    ['sid=1', undefined],
    ['a=1; sid=x; b="2; "', 'a=1; b="2; "'],
    ['sid=x; a=1', 'a=1'],
    ['a=1;sid=x;b=2', 'a=1;b=2'],
    ['a=1; sid=x', 'a=1'],
    ['a=1 ;  b = 2;;sid=x; c', 'a=1 ;  b = 2;; c'],
    ['__Host-sid=1; sid=2; sid=3', undefined],
    ['sid=1; ; ', undefined],
    ['a=\xe9; sid=1; b=\xff', 'a=\xe9; b=\xff']
  ] as const)
    t.equal(withoutCookies(header, NAMES), left, header)
})

test('a header without such cookies stays the same, whatever resembles their names', async (t) => {
  for (const header of [
    '',
    ' ; a',
    'a=sid; b=1 ',
    'sid',
    'sid2=1',
    'xsid=1',
    'SID=1',
    '__Secure-sid=1',
    'a="sid=1"',
    'a=1, sid=2'
  ])
    t.equal(withoutCookies(header, NAMES), header)
})

test('quotes, blanks and repetitions hide no cookie that would be found', async (t) => {
  const pieces = [
    'sid',
    '__Host-sid',
    'a',
    '=',
    '=',
    ';',
    ';',
    ' ',
    '\t',
    '"',
    ',',
    '\\',
    'x',
    '\xa0'
  ]
  let seed = 1
  const next = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  let found = 0
  for (let round = 0; round < 50_000; round++) {
    const header = Array.from({ length: next(14) }, () => pieces[next(pieces.length)]).join('')
    const left = withoutCookies(header, NAMES)
    for (const name of NAMES) {
      if (cookieValue(header, name) !== undefined) found++
      if (left !== undefined && cookieValue(left, name) !== undefined)
        t.fail(`${JSON.stringify(header)} keeps ${name}`)
    }
    if (left !== undefined && cookieValue(left, 'a') !== cookieValue(header, 'a'))
      t.fail(`${JSON.stringify(header)} has another value of a`)
  }
  t.ok(found > 1000, 'many had one')
})
