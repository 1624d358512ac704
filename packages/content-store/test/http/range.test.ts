import t from 'tap'
import { parseRange } from '../../src/http/range.ts'

const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
const target = { size: 1000, etag: '"a"', lastModified: Date.parse(date) + 500 }
const from = (start: number, end: number) => ({ start, end })

const ranges: [header: string, expected: ReturnType<typeof parseRange>][] = [
  ['bytes=0-0', from(0, 0)],
  ['bytes=0-499', from(0, 499)],
  ['bytes=500-999', from(500, 999)],
  ['bytes=500-1000', from(500, 999)],
  ['bytes=500-', from(500, 999)],
  ['bytes=0-', from(0, 999)],
  ['bytes=999-', from(999, 999)],
  ['bytes=-1', from(999, 999)],
  ['bytes=-1000', from(0, 999)],
  ['bytes=-5000', from(0, 999)],
  ['Bytes= 0-1\t', from(0, 1)],
  ['bytes=007-008', from(7, 8)],
  [`bytes=0-${'9'.repeat(400)}`, from(0, 999)],
  [`bytes=-${'9'.repeat(400)}`, from(0, 999)],
  ['bytes=1000-', 'unsatisfiable'],
  ['bytes=1000-1001', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  [`bytes=${'9'.repeat(400)}-`, 'unsatisfiable'],
  ['bytes=2-1', undefined],
  ['bytes=0-1,2-3', undefined],
  ['bytes=0-1,', undefined],
  ['bytes=', undefined],
  ['bytes=-', undefined],
  ['bytes=a-b', undefined],
  ['bytes=0x1-2', undefined],
  ['bytes=1', undefined],
  ['bytes=--1', undefined],
  ['bytes=+1-2', undefined],
  ['bytes=1-2-3', undefined],
  ['bytes=1 - 2', undefined],
  ['bytes =0-1', undefined],
  ['items=0-1', undefined],
  ['0-1', undefined],
  ['', undefined]
]

t.test('one range of bytes is read, everything else is answered in full', async (t) => {
  for (const [header, expected] of ranges) {
    t.same(parseRange(header, undefined, target), expected, header.slice(0, 30))
  }
  t.equal(parseRange(undefined, undefined, target), undefined)
})

t.test('of an empty body no byte can be sent', async (t) => {
  const empty = { ...target, size: 0 }
  t.equal(parseRange('bytes=0-', undefined, empty), 'unsatisfiable')
  t.equal(parseRange('bytes=0-0', undefined, empty), 'unsatisfiable')
  t.equal(parseRange('bytes=-0', undefined, empty), 'unsatisfiable')
  t.equal(parseRange('bytes=-5', undefined, empty), undefined)
})

const validators: [ifRange: string, etag: string, isSame: boolean][] = [
  ['"a"', '"a"', true],
  [' "a" ', '"a"', true],
  ['"b"', '"a"', false],
  ['W/"a"', '"a"', false],
  ['W/"a"', 'W/"a"', false],
  ['"a"', 'W/"a"', false],
  ['"a", "b"', '"a"', false],
  ['*', '"a"', false],
  ['', '"a"', false],
  ['a', '"a"', false],
  [date, '"a"', true],
  ['Sunday, 06-Nov-94 08:49:37 GMT', '"a"', true],
  ['Sun, 06 Nov 1994 08:49:36 GMT', '"a"', false],
  ['Sun, 06 Nov 1994 08:49:38 GMT', '"a"', false]
]

t.test('a range counts only while If-Range names the same representation', async (t) => {
  for (const [ifRange, etag, isSame] of validators) {
    const expected = isSame ? from(0, 1) : undefined
    t.same(parseRange('bytes=0-1', ifRange, { ...target, etag }), expected, `${ifRange}, ${etag}`)
  }
  t.equal(parseRange('bytes=5000-', '"b"', target), undefined)
  t.equal(parseRange('bytes=0-1', date, { size: 1000, etag: '"a"' }), undefined)
  t.equal(parseRange('bytes=0-1', 'x', { size: 1000, etag: '"a"' }), undefined)
})
