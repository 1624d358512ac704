import t from 'tap'
import { OPEN_METRICS, TEXT } from '../src/exposition/format.ts'
import { render } from '../src/exposition/render.ts'
import { labelsOf } from '../src/family.ts'
import { catalog, type Description, type Family } from '../src/index.ts'
import { readExposition } from './exposition.ts'
import { hasPromtool, promtool } from './promtool.ts'

const skip = hasPromtool ? false : 'promtool is not installed'

function text(families: readonly Family[]): string {
  return [...render(families, TEXT)].join('')
}

function openMetrics(families: readonly Family[]): string {
  return [...render(families, OPEN_METRICS)].join('')
}

/** A family of each type, as they are written. */
const FAMILIES: readonly Family[] = [
  {
    name: 'a_total',
    type: 'counter',
    help: 'Line one.\nA \\ and "quotes".',
    labels: ['x'],
    samples: [['x="1"', 3]]
  },
  { name: 'b', type: 'gauge', help: 'B.', labels: [], samples: [['', -0.5]] },
  { name: 'c', type: 'untyped', help: 'C.', labels: [], samples: [['', 1e21]] },
  {
    name: 'd_seconds',
    type: 'histogram',
    help: 'D.',
    labels: ['x'],
    bounds: [0.5, 1, 10],
    samples: [
      ['x="1"', [1, 0, 2, 4, 45.5]],
      ['x="2"', [0, 0, 0, 0, 0]]
    ]
  }
]

t.test('the text format is as it is written down', async (t) => {
  t.equal(
    text(FAMILIES),
    `# HELP a_total Line one.\\nA \\\\ and "quotes".
# TYPE a_total counter
a_total{x="1"} 3
# HELP b B.
# TYPE b gauge
b -0.5
# HELP c C.
# TYPE c untyped
c 1e+21
# HELP d_seconds D.
# TYPE d_seconds histogram
d_seconds_bucket{x="1",le="0.5"} 1
d_seconds_bucket{x="1",le="1"} 1
d_seconds_bucket{x="1",le="10"} 3
d_seconds_bucket{x="1",le="+Inf"} 7
d_seconds_sum{x="1"} 45.5
d_seconds_count{x="1"} 7
d_seconds_bucket{x="2",le="0.5"} 0
d_seconds_bucket{x="2",le="1"} 0
d_seconds_bucket{x="2",le="10"} 0
d_seconds_bucket{x="2",le="+Inf"} 0
d_seconds_sum{x="2"} 0
d_seconds_count{x="2"} 0
`
  )
  readExposition(text(FAMILIES))
})

t.test('OpenMetrics is as it is written down', async (t) => {
  const [counter, gauge, untyped, histogram] = FAMILIES as [Family, Family, Family, Family]
  t.equal(
    openMetrics([counter, gauge, untyped, { ...histogram, samples: histogram.samples.slice(1) }]),
    `# HELP a Line one.\\nA \\\\ and "quotes".
# TYPE a counter
a_total{x="1"} 3
# HELP b B.
# TYPE b gauge
b -0.5
# HELP c C.
# TYPE c unknown
c 1e+21
# HELP d_seconds D.
# TYPE d_seconds histogram
d_seconds_bucket{x="2",le="0.5"} 0
d_seconds_bucket{x="2",le="1.0"} 0
d_seconds_bucket{x="2",le="10.0"} 0
d_seconds_bucket{x="2",le="+Inf"} 0
d_seconds_sum{x="2"} 0
d_seconds_count{x="2"} 0
# EOF
`
  )
  readExposition(openMetrics(FAMILIES), true)
})

t.test('a counter without its suffix is none to OpenMetrics', async (t) => {
  const families: Family[] = [
    { name: 'odd', type: 'counter', help: 'Odd.', labels: [], samples: [['', 1]] }
  ]
  t.match(text(families), '# TYPE odd counter\nodd 1\n')
  t.match(openMetrics(families), '# TYPE odd unknown\nodd 1\n')
})

function gauge(value: number): Family[] {
  return [{ name: 'x', type: 'gauge', help: 'X.', labels: [], samples: [['', value]] }]
}

t.test('numbers that are none are written as both formats know them', async (t) => {
  for (const [value, written] of [
    [NaN, 'NaN'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [5e-324, '5e-324'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991']
  ] as const) {
    t.match(text(gauge(value)), `\nx ${written}\n`)
    t.same(readExposition(openMetrics(gauge(value)), true).value('x'), value)
  }
})

t.test(
  'families without series are left out, and no families are a complete response',
  async (t) => {
    const empty: Family = { ...FAMILIES[0], samples: [] } as Family
    t.equal(text([empty]), '')
    t.equal(openMetrics([empty]), '# EOF\n')
  }
)

t.test(
  'values of labels come through both formats as they were',
  { timeout: 30_000 },
  async (t) => {
    const values = [
      '',
      'a"b',
      'a\nb',
      'a\\b',
      '\\n',
      '\\',
      '\\\\"\n',
      '"} 1\nevil{x="',
      '{}=,# EOF',
      '\u{0}\u{1}\r\t\u{2028}',
      'ü € 😀',
      ' ',
      'le="+Inf"'
    ]
    const samples = values.map((value, at) => [labelsOf(['x'], [value]), at] as const)
    const families: Family[] = [{ name: 'x', type: 'gauge', help: 'X.', labels: ['x'], samples }]
    for (const read of [
      readExposition(text(families)),
      readExposition(openMetrics(families), true)
    ]) {
      t.strictSame(
        read.samples('x').map(({ labels }) => labels['x']),
        values
      )
    }
    if (hasPromtool) t.equal(promtool(text(families)), '')
  }
)

t.test('lone surrogates, which cannot be written, become one replacement character', async (t) => {
  t.equal(labelsOf(['x'], ['a\u{D800}b']), 'x="a\u{FFFD}b"')
  t.equal(labelsOf(['x', 'y'], ['\u{DC00}', '"']), String.raw`x="${'\u{FFFD}'}",y="\""`)
})

/** Every family of the catalog, with one series each. */
const CATALOG = Object.values(catalog).flatMap((part): Family[] =>
  Object.values<Description>(part).map((description) => {
    const { labels, bounds = [], type } = description
    const ones = Array.from({ length: bounds.length + 2 }, () => 1)
    const values = labels.map((label) => `a ${label}`)
    return {
      ...description,
      samples: [[labelsOf(labels, values), type === 'histogram' ? ones : 1]]
    }
  })
)

t.test('promtool finds no fault with the families of the catalog', { skip }, async (t) => {
  t.equal(promtool(text(CATALOG)), '')
})

t.test('the families of the catalog keep to the rules of both formats', async (t) => {
  t.equal(readExposition(text(CATALOG)).families.size, CATALOG.length)
  t.equal(readExposition(openMetrics(CATALOG), true).families.size, CATALOG.length)
})

t.test('a long exposition is rendered in chunks', async (t) => {
  const samples = Array.from({ length: 5000 }, (_, at) => [`x="${at}"`, at] as const)
  const family: Family = { name: 'x', type: 'gauge', help: 'X.', labels: ['x'], samples }
  const pieces = [...render([family], TEXT)]
  t.ok(pieces.length > 1)
  t.equal(readExposition(pieces.join('')).samples('x').length, 5000)
})
