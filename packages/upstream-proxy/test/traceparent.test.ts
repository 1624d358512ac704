import { test } from 'tap'
import { createTraceparents, isTraceparent } from '../src/headers/traceparent.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

test('a traceparent of version 00 is taken as it is specified', async (t) => {
  for (const flags of ['00', '01', '02', '03', 'ff']) {
    t.ok(isTraceparent(`00-${TRACE}-${SPAN}-${flags}`), flags)
  }
})

test('a traceparent of a higher version may go on after another dash', async (t) => {
  t.ok(isTraceparent(`01-${TRACE}-${SPAN}-01`))
  t.ok(isTraceparent(`cc-${TRACE}-${SPAN}-01-what-the-future-holds`))
  t.notOk(isTraceparent(`cc-${TRACE}-${SPAN}-01.what`))
  t.notOk(isTraceparent(`cc-${TRACE}-${SPAN}-01-${'a'.repeat(201)}`), 'without end')
})

test('what is no traceparent is not taken for one', async (t) => {
  const wrong = [
    '',
    '00',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-01-`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}-011`,
    `ff-${TRACE}-${SPAN}-01`,
    `0-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN.replace('b', 'g')}-01`,
    `00-${TRACE.slice(1)}-${SPAN}-01`,
    `00-${TRACE}a-${SPAN}-01`,
    `00_${TRACE}_${SPAN}_01`,
    ` 00-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01\n`,
    `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
    `01-${TRACE}-${SPAN}-01-x, 01-${TRACE}-${SPAN}-01`
  ]
  for (const value of wrong) t.notOk(isTraceparent(value), JSON.stringify(value))
})

test('new traceparents are valid, sampled and all different', async (t) => {
  const newTraceparent = createTraceparents()
  const [traces, spans] = [new Set(), new Set()]
  for (let i = 0; i < 1_000; i++) {
    const value = newTraceparent()
    if (!isTraceparent(value) || !/^00-.{49}-01$/.test(value)) t.fail(value)
    traces.add(value.slice(3, 35))
    spans.add(value.slice(36, 52))
  }
  t.equal(traces.size, 1_000)
  t.equal(spans.size, 1_000)
})

test('two sources have nothing in common', async (t) => {
  t.not(createTraceparents()(), createTraceparents()())
})
