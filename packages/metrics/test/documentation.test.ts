import { readFileSync } from 'node:fs'
import { tempDir, waitFor } from '@reliw/testing'
import t from 'tap'
import { metricsDocs } from '../../../scripts/write-metrics-docs.ts'
import { catalog } from '../src/index.ts'
import { Status } from './documented-status.ts'
import { scrapeOf, startMetered } from './metered-app.ts'
import { hasPromtool, promtool } from './promtool.ts'
import { CHANNELS } from './published.ts'
import { openFor } from './stores.ts'

const document = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8')

t.test('docs/metrics.md is generated from the catalog', async (t) => {
  t.equal(document, metricsDocs(), 'run `npm run schema`')
})

/** Of each family of the document: its type and its labels. */
function documented(): Map<string, { type: string; labels: string[] }> {
  const rows = document.matchAll(
    /^\| `((?:reliw|http|process|nodejs)_\w+)` +\| (\w+) +\| ([^|]*)\| (?:sum|max|min) +\|/gm
  )
  return new Map(
    Array.from(rows, ([, name = '', type = '', labels = '']) => [
      name,
      { type, labels: Array.from(labels.matchAll(/`(\w+)`/g), ([, label = '']) => label) }
    ])
  )
}

t.test('every family of a whole scrape is in the document, with its labels', async (t) => {
  const families = documented()
  const store = await openFor(t, { dir: tempDir(t) })
  const { send, publish, scrape, url } = await startMetered(t, {
    store,
    limits: () => ({
      pressure: { level: 'normal', isReduced: false, shares: { heap: 0.5 } },
      limiter: { isShared: true, fallbacks: 0 },
      connections: { slowBodies: 0, slowReaders: 0, pipelines: 0, departed: 0, excess: 0 },
      held: { size: 2 },
      bans: { list: { size: 0 } }
    }),
    upstreams: () => [{ upstream: 'x', circuit: 'closed', origins: [ORIGIN] }]
  })
  await send()
  for (const name of CHANNELS) publish(name, MESSAGE)
  const read = await waitFor(async () => {
    const read = await scrape()
    return read.value('http_requests_total') === 1 && read
  }, 'the counts')
  for (const { name, type, samples } of read.families.values()) {
    t.equal(families.get(name)?.type, type, name)
    const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)))
    labels.delete('le')
    t.strictSame(labels, new Set(families.get(name)?.labels), `the labels of ${name}`)
  }
  if (hasPromtool) t.equal(promtool(read.text), '', 'promtool finds no fault with it')
  const open = await scrapeOf(url, 'application/openmetrics-text')
  t.equal(open.value('http_requests_total'), 1, 'and OpenMetrics has it as well')
  const shown = [...families.keys()].filter((name) => read.families.has(name))
  const missing = [...families.keys()].filter((name) => !read.families.has(name))
  t.ok(shown.length > 60, `${shown.length} of them are shown`)
  // Those of TLS, and what node tells only when it has happened.
  t.strictSame(
    missing.filter((name) => !/^(reliw_tls_|nodejs_gc_|nodejs_eventloop_lag_)/.test(name)),
    []
  )
})

const ORIGIN = {
  origin: 'y',
  healthy: true,
  draining: false,
  inFlight: 0,
  active: 0,
  idle: 0,
  pending: 0,
  uploads: 0
}

/** What every channel can take. */
const MESSAGE = {
  host: 'a.example',
  site: 'a.example',
  ruleSet: 'all',
  action: 'block',
  isOverBudget: true,
  way: 'password',
  policy: 'x',
  reason: 'x',
  list: 'x',
  upstream: 'x',
  origin: 'y',
  status: 200,
  result: 'retries exhausted',
  state: 'open',
  change: 'ejected',
  operation: 'get',
  family: 'API',
  failed: true,
  ms: 1,
  us: 1
}

t.test(
  'every family of the catalog is in the document, and every label has its values',
  async (t) => {
    const families = documented()
    const names = Object.values(catalog).flatMap((part) =>
      Object.values(part).map(({ name }) => name)
    )
    t.equal(new Set(names).size, names.length, 'no name twice')
    t.strictSame(
      names.filter((name) => !families.has(name)),
      []
    )
    const labels = new Set([...families.values()].flatMap(({ labels }) => labels))
    const [, table = ''] = /## Labels\n([^]*?)\n## /.exec(document) ?? []
    for (const label of labels)
      t.match(table, new RegExp(`^\\| \`[\\w ]*\\b${label}\\b`, 'm'), label)
  }
)

t.test('the status that is shown as an example is one', async (t) => {
  const examples = Array.from(document.matchAll(/```json\n([^]*?)```/g), ([, text = '']) => text)
  const example: unknown = JSON.parse(examples.find((text) => text.includes('uptime')) ?? '')
  t.ok(Status.safeParse(example).success)
  const store = await openFor(t, { dir: tempDir(t) })
  const { url } = await startMetered(t, { store, directories: { data_dir: tempDir(t) } })
  const actual: unknown = await (await fetch(`${url}/status`)).json()
  t.strictSame(Status.safeParse(actual).error, undefined, 'and so is what is answered')
})
