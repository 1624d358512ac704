import { rawRequest } from '@reliw/testing'
import { test, type Test } from 'tap'
import type { Config } from '../src/index.ts'
import { ask, type Reply } from './cli/serving.ts'
import type { Span } from './tracing-otlp.ts'
import { startTraced, type TracedServer } from './tracing-server.ts'

const SITE = {
  'API:a.example': [
    ['^/old$', 'old'],
    ['^/', 'all']
  ],
  'API:a.example:all': { methods: { GET: true }, index: 'index.html' },
  'FILES:a.example:/page.md': { content: '# A page' },
  'FILES:a.example:/page.txt': { content: 'a file' }
}

async function start(t: Test, config?: Config): Promise<TracedServer> {
  return startTraced(t, SITE, config)
}

/** The span of a response. */
function spanOf(spans: Span[], { headers }: Reply): Span {
  const id = headers['x-request-id']
  const found = spans.filter(({ attributes }) => attributes['reliw.request_id'] === id)
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} spans`)
  return found[0]
}

test('a request is recorded as a span with its attributes', async (t) => {
  const { port, finish, line } = await start(t)
  const before = Date.now() - 100
  const reply = await ask(port, '/page.md?token=1', { 'user-agent': 'a browser' })
  const { start: began, end, ...span } = spanOf(await finish(), reply)
  const logged = await line({ msg: 'request' })
  t.match(span, { traceId: /^[0-9a-f]{32}$/, spanId: /^[0-9a-f]{16}$/, parentSpanId: undefined })
  t.equal(span.traceId, logged['trace_id'], 'the log has the trace')
  t.match(span, { name: 'GET page', kind: 2, status: 0 })
  t.strictSame(span.attributes, {
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'url.path': '/page.md',
    'network.protocol.version': '1.1',
    'server.address': 'a.example',
    'client.address': '127.0.0.1',
    'user_agent.original': 'a browser',
    'http.response.status_code': 200,
    'reliw.request_id': reply.headers['x-request-id'],
    'reliw.kind': 'page',
    'reliw.cache': 'miss'
  })
  t.match(span.resource, { 'service.name': 'reliw', 'process.pid': process.pid })
  t.ok(began < end && began > BigInt(before) * 1_000_000n, 'times are of the epoch')
  t.ok(end < BigInt(Date.now() + 100) * 1_000_000n)
})

test('span names consist of the method and the kind of entry', async (t) => {
  const { port, finish } = await start(t)
  const replies: Record<string, Reply> = {
    'GET page': await ask(port, '/page.md'),
    'GET file': await ask(port, '/page.txt'),
    GET: await ask(port, '/none')
  }
  await rawRequest(port, 'PROPFIND / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n')
  const spans = await finish()
  for (const [name, reply] of Object.entries(replies)) t.equal(spanOf(spans, reply).name, name)
  const other = spans.find(({ attributes }) => attributes['http.request.method'] === '_OTHER')
  t.equal(other?.name, 'HTTP')
})

test('server errors are marked as errors, client errors are not', async (t) => {
  const values = { ...SITE, 'PROXY:dead.example': { target: '127.0.0.1:1' } }
  const { port, finish } = await startTraced(t, values)
  const missing = await ask(port, '/none')
  const dead = await ask(port, '/', { host: 'dead.example' })
  const spans = await finish()
  t.match(spanOf(spans, missing), { status: 0, attributes: { 'http.response.status_code': 404 } })
  t.notOk('error.type' in spanOf(spans, missing).attributes)
  t.match(spanOf(spans, dead), {
    status: 2,
    name: 'GET upstream',
    attributes: { 'http.response.status_code': 502, 'error.type': '502', 'reliw.kind': 'upstream' }
  })
})

test('a request that is refused early is recorded as a span, too', async (t) => {
  const limit = { name: 'none', limit: 0, period: '1d', count: 'process' } as const
  const { port, finish } = await start(t, { rate_limits: [limit] })
  const limited = await ask(port, '/page.md')
  const badHost = await ask(port, '/', { host: 'no host' })
  const badPath = await ask(port, '/%zz')
  const spans = await finish()
  const status = (reply: Reply): unknown =>
    spanOf(spans, reply).attributes['http.response.status_code']
  t.strictSame([limited, badHost, badPath].map(status), [429, 400, 400])
})

test('no secret gets into a span', async (t) => {
  const { port, finish } = await start(t)
  const secrets = { authorization: 'Bearer s3cret', cookie: 'session=s3cret', referer: '/?s3cret' }
  await ask(port, '/page.md?token=s3cret', secrets)
  const head = 'Host: a.example\r\nConnection: close\r\n\r\n'
  await rawRequest(port, `GET http://ada:s3cret@a.example/page.md HTTP/1.1\r\n${head}`)
  const spans = await finish()
  t.equal(spans.length, 2)
  t.notMatch(
    JSON.stringify(spans, (_name, value: unknown) =>
      typeof value === 'bigint' ? `${value}` : value
    ),
    /s3cret/
  )
})

test('long values of clients are truncated', async (t) => {
  const { port, finish } = await start(t)
  const reply = await ask(port, `/${'p'.repeat(2000)}`, { 'user-agent': 'u'.repeat(2000) })
  const { attributes } = spanOf(await finish(), reply)
  t.equal(attributes['url.path'], `/${'p'.repeat(255)}…`)
  t.equal(attributes['user_agent.original'], `${'u'.repeat(256)}…`)
})

test('spans are sent while the server runs, with the headers of the config', async (t) => {
  const headers = { authorization: 'Bearer of the collector' }
  const { port, collector, log } = await start(t, { tracing: { headers, service_name: 'edge' } })
  await ask(port, '/page.md')
  t.match(await collector.span({ 'url.path': '/page.md' }), {
    resource: { 'service.name': 'edge' }
  })
  t.match(collector.exports[0]?.headers, { ...headers, 'content-type': 'application/json' })
  t.notMatch(JSON.stringify(log), /of the collector/)
})
