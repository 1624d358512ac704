import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
  Summary
} from '@prometheus-io/client'
import t from 'tap'
import { scrapeOf, startMetered } from './metered-app.ts'
import { hasPromtool, promtool } from './promtool.ts'

const OPEN = 'application/openmetrics-text'

/** A registry of an app that also has what everybody has. */
function createRegistry(): Registry {
  const registry = new Registry()
  const registers = [registry]
  const counter = new Counter({
    name: 'app_orders_total',
    help: 'Orders.',
    labelNames: ['shop'],
    registers
  })
  counter.inc({ shop: 'a"b\nc\\d' }, 3)
  new Counter({ name: 'app_odd', help: 'No suffix.', registers }).inc()
  new Gauge({ name: 'app_carts', help: 'Carts.', registers }).set(4)
  const histogram = new Histogram({
    name: 'app_payment_seconds',
    help: 'Payments.',
    labelNames: ['way', 'shop'],
    buckets: [0.1, 1, 10],
    registers
  })
  for (const value of [0.05, 0.1, 0.5, 5, 50]) histogram.observe({ way: 'card', shop: 'x' }, value)
  histogram.observe({ way: 'cash', shop: 'x' }, 2)
  registry.registerMetric(
    new Histogram({ name: 'app_empty_seconds', help: 'None yet.', buckets: [1], registers: [] })
  )
  new Summary({ name: 'app_summary', help: 'Left out.', registers }).observe(1)
  return registry
}

t.test('metrics of the app’s own are shown as they are', async (t) => {
  const { url } = await startMetered(t, { registry: createRegistry() })
  for (const accept of ['text/plain', OPEN]) {
    const read = await scrapeOf(url, accept)
    t.equal(read.value('app_orders_total', { shop: 'a"b\nc\\d' }), 3)
    t.equal(read.value('app_odd'), 1)
    t.equal(read.value('app_carts'), 4)
    const card = { way: 'card', shop: 'x' }
    const buckets = read.samples('app_payment_seconds_bucket', card).map(({ value }) => value)
    t.strictSame(buckets, [2, 3, 4, 5])
    t.equal(read.value('app_payment_seconds_count', card), 5)
    t.equal(read.value('app_payment_seconds_sum', card), 55.65)
    t.equal(read.value('app_payment_seconds_count', { way: 'cash' }), 1)
    t.equal(read.value('app_empty_seconds_count'), 0)
    t.equal(read.families.has('app_summary'), false)
    t.equal(read.families.get(accept === OPEN ? 'app_orders' : 'app_orders_total')?.help, 'Orders.')
  }
})

t.test('promtool finds no fault with them', { skip: !hasPromtool && 'no promtool' }, async (t) => {
  const registry = createRegistry()
  // Of these it says itself that they are called wrongly.
  registry.removeSingleMetric('app_odd')
  const { scrape } = await startMetered(t, { registry })
  t.equal(promtool((await scrape()).text), '')
})

t.test('names that are taken are not shown twice', async (t) => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const name of ['http_requests_total', 'reliw_ready', 'reliw_log_lines_dropped']) {
    new Counter({ name, help: 'Mine.', registers: [registry] }).inc(99)
  }
  new Gauge({ name: 'mine', help: 'Mine.', registers: [registry] }).set(1)
  const { url } = await startMetered(t, { registry })
  for (const accept of ['text/plain', OPEN]) {
    const read = await scrapeOf(url, accept)
    t.equal(read.value('mine'), 1)
    t.equal(read.value('reliw_ready'), 1)
    t.equal(read.value('http_requests_total'), undefined)
  }
})

t.test('a metric that fails takes none of the others with it', async (t) => {
  const registry = createRegistry()
  registry.registerMetric(
    new Gauge({
      name: 'app_failing',
      help: 'Fails.',
      registers: [],
      collect() {
        throw new Error('on purpose')
      }
    })
  )
  const { scrape } = await startMetered(t, { registry })
  const read = await scrape()
  t.equal(read.value('app_failing'), undefined)
  t.equal(read.value('app_carts'), 4)
})

t.test('a registry that fails leaves the process its values, and is reported', async (t) => {
  const registry = {
    getMetricsAsArray() {
      throw new Error('on purpose')
    }
  }
  const { scrape } = await startMetered(t, { registry })
  const read = await scrape()
  t.equal(read.value('reliw_processes'), 1)
  t.equal(read.value('reliw_metrics_failures_total'), 1)
})

t.test('the runtime is shown, and the process is watched once for all apps', async (t) => {
  const first = await startMetered(t)
  const second = await startMetered(t)
  for (const { scrape } of [first, second]) {
    const read = await scrape()
    t.ok((read.value('process_resident_memory_bytes') ?? 0) > 1e6)
    t.ok((read.value('process_open_fds') ?? 0) > 3)
    t.ok((read.value('nodejs_heap_size_used_bytes') ?? 0) > 1e6)
    t.match(read.labels('nodejs_version_info', 'version'), [process.version])
  }
})
