import { seededRandom } from '@reliw/testing'
import t from 'tap'
import { type ByteRange, parseRanges } from '../../src/http/range.ts'

const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
const target = { size: 1000, etag: '"a"', lastModified: Date.parse(date) + 500 }
const from = (start: number, end: number): [ByteRange] => [{ start, end }]

const ranges: [header: string, expected: ReturnType<typeof parseRanges>][] = [
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
  ['bytes=0-1,', from(0, 1)],
  ['bytes= , ,0-1', from(0, 1)],
  ['bytes=0-1, x', undefined],
  ['bytes=0-1, 3-2', undefined],
  ['bytes=,', undefined],
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

t.test('one range of bytes is parsed, any other header is ignored', async (t) => {
  for (const [header, expected] of ranges) {
    t.same(parseRanges(header, undefined, target), expected, header.slice(0, 30))
  }
  t.equal(parseRanges(undefined, undefined, target), undefined)
})

t.test('several ranges keep their order, without those beyond the end', async (t) => {
  const several: [header: string, expected: [number, number][]][] = [
    [
      'bytes=0-9,500-509',
      [
        [0, 9],
        [500, 509]
      ]
    ],
    [
      'bytes=500-509, 0-9\t',
      [
        [500, 509],
        [0, 9]
      ]
    ],
    [
      'bytes=0-9,-10',
      [
        [0, 9],
        [990, 999]
      ]
    ],
    [
      'bytes=0-9,5000-,600-',
      [
        [0, 9],
        [600, 999]
      ]
    ],
    ['bytes=5000-,1000-1001,3-3', [[3, 3]]]
  ]
  for (const [header, expected] of several) {
    const ranges = expected.map(([start, end]) => ({ start, end }))
    t.same(parseRanges(header, undefined, target), ranges, header)
  }
  t.equal(parseRanges('bytes=1000-,2000-3000', undefined, target), 'unsatisfiable')
})

t.test('ranges that touch, overlap or nearly touch are one', async (t) => {
  const one: [header: string, expected: [number, number][]][] = [
    ['bytes=0-9,10-19', [[0, 19]]],
    ['bytes=0-99,50-149', [[0, 149]]],
    ['bytes=0-999,5-6', [[0, 999]]],
    ['bytes=200-299,0-99', [[0, 299]]],
    ['bytes=0-9,400-409,800-809,5-805', [[0, 809]]],
    [
      'bytes=800-809,0-9,100-109,400-409',
      [
        [800, 809],
        [0, 109],
        [400, 409]
      ]
    ]
  ]
  for (const [header, expected] of one) {
    const ranges = expected.map(([start, end]) => ({ start, end }))
    t.same(parseRanges(header, undefined, target), ranges, header)
  }
})

/** A header with so many ranges of one byte, far apart. */
function list(count: number): string {
  return `bytes=${Array.from({ length: count }, (_, at) => `${at * 1000}-${at * 1000}`).join(',')}`
}

t.test('more than 16 ranges are ignored, at any length', async (t) => {
  const large = { ...target, size: 1_000_000 }
  t.equal(parseRanges(list(16), undefined, large)?.length, 16)
  t.equal(parseRanges(list(17), undefined, large), undefined)
  t.equal(parseRanges(`bytes=${'0-,'.repeat(100_000)}`, undefined, large), undefined)
})

t.test('the empty elements that a list may have are ignored', async (t) => {
  for (const commas of [1, 30, 900])
    t.same(
      parseRanges(`bytes=0-0${','.repeat(commas)}500-500`, undefined, target),
      [
        { start: 0, end: 0 },
        { start: 500, end: 500 }
      ],
      `${commas}`
    )
})

t.test('a header longer than 1,024 characters is ignored', async (t) => {
  for (const filler of [' ', '\t', ',', ', ', '1', ' -', '0-0,'])
    for (const length of [1024, 16_384, 163_840]) {
      const long = filler.repeat(length / filler.length)
      for (const header of [`bytes=0-0${long}`, `bytes=0-0${long}x`, `bytes=${long}0-0`, long])
        t.equal(parseRanges(header, undefined, target), undefined, `${filler} ${length}`)
    }
})

t.test('random ranges are all sent, none twice', async (t) => {
  const { below: number } = seededRandom(t)
  for (let round = 0; round < 2000; round++) {
    const wanted = Array.from({ length: 1 + number(16) }, () => {
      const start = number(1000)
      return { start, end: start + number(30) }
    })
    const header = `bytes=${wanted.map(({ start, end }) => `${start}-${end}`).join(',')}`
    const ranges = parseRanges(header, undefined, target)
    const sent = Array.isArray(ranges) ? ranges : []
    const isSent = wanted.every(({ start, end }) =>
      sent.some((range) => range.start <= start && range.end >= Math.min(end, 999))
    )
    const sorted = sent.toSorted((a, b) => a.start - b.start)
    const isApart = sorted.every(
      ({ start, end }, at) => end < 1000 && start - (sorted[at - 1]?.end ?? -1000) > 128
    )
    if (!isSent || !isApart) t.fail(header)
  }
})

t.test('ranges of an empty representation are ignored', async (t) => {
  const empty = { ...target, size: 0 }
  for (const header of ['bytes=0-', 'bytes=0-0', 'bytes=-0', 'bytes=-5', 'bytes=0-1,5-6'])
    t.equal(parseRanges(header, undefined, empty), undefined, header)
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
    t.same(parseRanges('bytes=0-1', ifRange, { ...target, etag }), expected, `${ifRange}, ${etag}`)
  }
  t.equal(parseRanges('bytes=5000-', '"b"', target), undefined)
  t.equal(parseRanges('bytes=0-1', date, { size: 1000, etag: '"a"' }), undefined)
  t.equal(parseRanges('bytes=0-1', 'x', { size: 1000, etag: '"a"' }), undefined)
})
