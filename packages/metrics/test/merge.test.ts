import t from 'tap'
import { OPEN_METRICS } from '../src/exposition/format.ts'
import { render } from '../src/exposition/render.ts'
import type { Description, Family, Sample } from '../src/family.ts'
import { Buckets, Histograms } from '../src/histogram.ts'
import { merge } from '../src/merge.ts'
import { readExposition } from './exposition.ts'

function family(type: Family['type'], samples: Sample[], more: Partial<Description> = {}): Family {
  return { name: 'x', type, help: 'X.', labels: ['a'], ...more, samples }
}

t.test('values go into the first bucket that has room for them', async (t) => {
  const buckets = new Buckets([1, 2, 5])
  for (const value of [0, 0.5, 1, 1.0001, 2, 5, 5.1, 1e9]) buckets.observe(value)
  t.strictSame(buckets.counts, [3, 2, 1, 2])
  t.ok(Math.abs(buckets.sum - (0.5 + 1 + 1.0001 + 2 + 5 + 5.1 + 1e9)) < 1e-3)
  t.strictSame(buckets.value, [...buckets.counts, buckets.sum])
})

t.test('values that are not numbers change no histogram', async (t) => {
  const description: Description = { ...family('histogram', []), bounds: [1], labels: [] }
  const histograms = new Histograms(description)
  for (const value of [NaN, Infinity, undefined as never, 0.5]) histograms.observe([], value)
  t.strictSame(histograms.family.samples, [['', [1, 0, 0.5]]])
})

t.test('each set of labels has a histogram, and there are never too many', async (t) => {
  const bounds = [1, 2]
  const histograms = new Histograms({ ...family('histogram', []), bounds })
  for (let n = 0; n < 5000; n++) histograms.observe([`${n}`], 1)
  const { samples } = histograms.family
  t.ok(samples.length <= 201)
  const counted = samples.map(([, value]) => (value as number[])[0] ?? 0)
  t.equal(
    counted.reduce((sum, count) => sum + count),
    5000,
    'none is lost'
  )
  t.ok(samples.some(([labels]) => labels === 'a="other"'))
})

t.test('a single snapshot is unchanged', async (t) => {
  const snapshot = [family('counter', [['', 1]])]
  t.equal(merge([snapshot]), snapshot)
})

t.test('numbers of several processes are added, or their highest or lowest is taken', async (t) => {
  for (const [together, expected] of [
    [undefined, 6],
    ['sum', 6],
    ['max', 3],
    ['min', 1]
  ] as const) {
    const more = together === undefined ? {} : { merge: together }
    const snapshots = [2, 1, 3].map((value) => [family('gauge', [['a="1"', value]], more)])
    t.strictSame(merge(snapshots)[0]?.samples, [['a="1"', expected]], together ?? 'sum')
  }
})

t.test('histograms are added bucket by bucket, and stay cumulative', async (t) => {
  const bounds = [1, 2]
  const merged = merge([
    [family('histogram', [['a="1"', [1, 2, 3, 40]]], { bounds })],
    [family('histogram', [['a="1"', [10, 0, 1, 2.5]]], { bounds })]
  ])
  t.strictSame(merged[0]?.samples, [['a="1"', [11, 2, 4, 42.5]]])
  const read = readExposition([...render(merged, OPEN_METRICS)].join(''), true)
  t.strictSame(
    read.samples('x_bucket').map(({ value }) => value),
    [11, 13, 17]
  )
  t.equal(read.value('x_count'), 17)
  t.equal(read.value('x_sum'), 42.5)
})

t.test('series and families that only some have are kept', async (t) => {
  const other: Family = { ...family('gauge', [['', 7]]), name: 'y' }
  const merged = merge([
    [family('counter', [['a="1"', 1]])],
    [],
    [
      family('counter', [
        ['a="2"', 2],
        ['a="1"', 5]
      ]),
      other
    ]
  ])
  t.strictSame(merged, [
    family('counter', [
      ['a="1"', 6],
      ['a="2"', 2]
    ]),
    other
  ])
})

t.test('merging changes none of what is merged', async (t) => {
  const one = [family('histogram', [['', [1, 2, 3]]], { bounds: [1] })]
  const other = [family('histogram', [['', [1, 2, 3]]], { bounds: [1] })]
  merge([one, other])
  t.strictSame(one, other)
})
