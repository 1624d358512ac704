import t from 'tap'
import { formatFor, OPEN_METRICS, TEXT } from '../src/exposition/format.ts'
import { scrapeOf, startMetered } from './metered-app.ts'

/** As Prometheus 2 and 3 send it. */
const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'
const PROTOBUF =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'

t.test('OpenMetrics is sent where it is preferred at least as much as text', async (t) => {
  const wanted = [
    PROMETHEUS_2,
    PROMETHEUS_3,
    `${PROTOBUF};q=0.6,${PROMETHEUS_3}`,
    'application/openmetrics-text',
    'Application/OpenMetrics-Text; Version=1.0.0',
    'application/openmetrics-text;q=0.1',
    'text/plain;q=0.5, application/openmetrics-text;q=0.5',
    'text/plain;q=0, application/openmetrics-text;q=0.001',
    'application/openmetrics-text;version=0.0.1'
  ]
  for (const accept of wanted) t.equal(formatFor(accept), OPEN_METRICS, accept)
})

t.test('any other Accept gets text', async (t) => {
  const wanted = [
    undefined,
    '',
    '*/*',
    'text/plain',
    'text/plain;version=0.0.4',
    'text/html,application/xhtml+xml,*/*;q=0.8',
    'text/plain, application/openmetrics-text;q=0.9',
    'application/openmetrics-text;q=0',
    'application/openmetrics-text;q=0.0, */*',
    'application/openmetrics-text;version=2.0.0',
    'application/openmetrics-text;version="1.0.0"',
    PROTOBUF
  ]
  for (const accept of wanted) t.equal(formatFor(accept), TEXT, accept ?? 'nothing')
})

t.test('an invalid Accept gets text', async (t) => {
  const wanted = [
    ',,;;,',
    ';q=1',
    'application/openmetrics-text;q=',
    'application/openmetrics-text;q=x',
    'application/openmetrics-text;q=-1',
    'application/openmetrics-text;q=NaN',
    'application/openmetrics-textt,'.repeat(500),
    `application/openmetrics-text${'x'.repeat(9000)}`,
    '\0\u{FFFF}'
  ]
  for (const accept of wanted) t.equal(formatFor(accept), TEXT, accept.slice(0, 40))
})

t.test('both formats have their content type, and vary by Accept', async (t) => {
  const { url } = await startMetered(t)
  for (const [accept, type] of [
    [PROMETHEUS_3, 'application/openmetrics-text; version=1.0.0; charset=utf-8'],
    ['*/*', 'text/plain; version=0.0.4; charset=utf-8']
  ] as const) {
    const response = await fetch(`${url}/metrics`, { headers: { accept } })
    await response.text()
    t.equal(response.status, 200)
    t.equal(response.headers.get('content-type'), type)
    t.equal(response.headers.get('vary'), 'accept')
    t.equal(response.headers.get('cache-control'), 'no-store')
  }
})

t.test('both formats have the same families', async (t) => {
  const { url } = await startMetered(t)
  await scrapeOf(url)
  const names = async (accept: string): Promise<string[]> =>
    [...(await scrapeOf(url, accept)).families.keys()]
      // Node's own come with the first collection of garbage, and the like.
      .filter((name) => !name.startsWith('nodejs_'))
      .map((name) => name.replace(/_total$/, ''))
  const open = await names(PROMETHEUS_3)
  t.ok(open.length > 10)
  t.strictSame(new Set(await names('*/*')), new Set(open))
})
