import t from 'tap'
import { EventLoop, meanDelay } from '../src/pressure/event-loop.ts'
import { Gauge } from '../src/pressure/gauge.ts'
import { levelOf } from '../src/pressure/level.ts'
import { sharesOf, worstOf } from '../src/pressure/resources.ts'

t.test('the level follows from the share', async (t) => {
  for (const [share, level] of [
    [0, 'normal'],
    [0.7999, 'normal'],
    [0.8, 'warning'],
    [0.8999, 'warning'],
    [0.9, 'reduced'],
    [0.9499, 'reduced'],
    [0.95, 'overloaded'],
    [1, 'overloaded']
  ] as const) {
    t.equal(levelOf(share), level, `${share}`)
  }
})

t.test('a share is what is used of the limit, all of it at most', async (t) => {
  t.strictSame(sharesOf({ heap: 25, rss: 300 }, { heap: 100, rss: 200 }), { heap: 0.25, rss: 1 })
  t.strictSame(sharesOf({ open_files: Infinity }, { open_files: 10 }), { open_files: 1 })
})

t.test('resources without a known usage or limit have no share', async (t) => {
  t.strictSame(sharesOf({ heap: 1, rss: undefined }, { heap: 0, rss: 5, open_files: 5 }), {})
  t.strictSame(sharesOf({ heap: 1, rss: 1 }, { rss: undefined }), {})
})

t.test('the worst resource decides', async (t) => {
  t.equal(worstOf({ heap: 0.4, rss: 0.6, open_files: 0.5 }), 'rss')
  const gauge = new Gauge()
  gauge.update({ event_loop_delay: 0.1, heap: 0.92, open_files: 0.85 })
  t.equal(gauge.level, 'reduced')
})

t.test('the levels say what to put off and what to refuse', async (t) => {
  const gauge = new Gauge()
  const seen = [0.1, 0.85, 0.92, 0.97, 0.92, 0.85, 0.1].map((heap) => {
    gauge.update({ heap })
    return [gauge.isReduced, gauge.isOverloaded]
  })
  const [calm, reduced, overloaded] = [
    [false, false],
    [true, false],
    [true, true]
  ]
  t.strictSame(seen, [calm, calm, reduced, overloaded, reduced, calm, calm])
})

t.test('a change of the level is reported once', async (t) => {
  const told: unknown[] = []
  const gauge = new Gauge((...change) => told.push(change))
  for (const heap of [0.1, 0.85, 0.86, 0.99, 0.98, 0.3, 0.2]) gauge.update({ heap, rss: 0.25 })
  gauge.update({})
  t.strictSame(told, [
    ['warning', 'heap', 0.85],
    ['overloaded', 'heap', 0.99],
    ['normal', 'heap', 0.3]
  ])
})

t.test('when a change is reported, all values have changed', async (t) => {
  const gauge: Gauge = new Gauge(() => {
    t.match(gauge, { level: 'overloaded', isReduced: true, isOverloaded: true })
    t.strictSame(gauge.shares, { rss: 1 })
  })
  t.plan(2)
  gauge.update({ rss: 1 })
})

t.test('the resource that causes the level is reported, and its change', async (t) => {
  const told: unknown[] = []
  const gauge = new Gauge((...change) => told.push(change))
  gauge.update({ event_loop_delay: 1, rss: 0.9 })
  gauge.update({ event_loop_delay: 1, rss: 1 })
  t.equal(gauge.cause, 'event_loop_delay', 'still held')
  gauge.update({ event_loop_delay: 0.1, rss: 1 })
  t.match(gauge, { level: 'overloaded', cause: 'rss' })
  gauge.update({ event_loop_delay: 0.1, rss: 0.5 })
  t.match(gauge, { level: 'normal', cause: undefined })
  t.strictSame(told, [
    ['overloaded', 'event_loop_delay', 1],
    ['overloaded', 'rss', 1],
    ['normal', 'rss', 0.5]
  ])
})

t.test(
  'of several that are used up, what is full is blamed, not the loop that is late for it',
  async (t) => {
    t.equal(worstOf({ event_loop_delay: 1, heap: 0.3, rss: 1 }), 'rss')
    t.equal(worstOf({ event_loop_delay: 1, heap: 1, rss: 0.3 }), 'heap')
    t.equal(worstOf({}), 'event_loop_delay')
  }
)

t.test('a delay is what is more than the 10 ms between two turns', async (t) => {
  t.equal(meanDelay(62e6, 1_000), 52)
  t.equal(meanDelay(9.9e6, 1_000), 0)
})

t.test('an event loop without a turn since the last check has that time as delay', async (t) => {
  t.equal(meanDelay(Number.NaN, 1_500), 1_490)
  const loop = new EventLoop()
  t.teardown(() => loop.close())
  for (let look = 0; look < 2; look++) {
    const { delay, utilization } = loop.read()
    t.ok(Number.isFinite(delay) && delay >= 0, `${delay} ms`)
    t.ok(utilization >= 0 && utilization <= 1, `${utilization}`)
  }
})
