import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { freePort, type TestContext, waitFor } from '@reliw/testing'
import { type OtlpExport, type Span, spansOf } from './tracing-otlp.ts'

/** Takes spans as OTLP over HTTP, in JSON. */
export interface Collector {
  /** What the config says of it. */
  endpoint: string
  spans: Span[]
  /** Heads of the exports, answered or not. */
  exports: IncomingMessage[]
  /** What it answers; undefined: nothing, for ever. */
  status: number | undefined
  /** The first span with these attributes, when it is there. */
  span: (attributes: Record<string, unknown>) => Promise<Span>
  /** Listens, at first and after `stop`. */
  start: () => Promise<void>
  stop: () => Promise<void>
}

/** A collector on a port of its own, which it keeps. It ends with the test. */
export async function startCollector(t: TestContext): Promise<Collector> {
  const port = await freePort()
  let server: Server | undefined
  const collector: Collector = {
    endpoint: `http://127.0.0.1:${port}/v1/traces`,
    spans: [],
    exports: [],
    status: 200,
    span: (attributes) => findSpan(collector.spans, attributes),
    start: async () => {
      server = createServer((request, response) => void take(collector, request, response))
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    stop: async () => {
      if (server?.listening !== true) return
      const closed = once(server.close(), 'close')
      server.closeAllConnections()
      await closed
    }
  }
  await collector.start()
  t.teardown(() => collector.stop())
  return collector
}

async function take(
  collector: Collector,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  collector.exports.push(request)
  const { status } = collector
  const body = (await json(request)) as OtlpExport
  if (status === undefined) return
  if (status === 200) collector.spans.push(...spansOf(body))
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(status === 200 ? '{}' : '{"message":"a secret of the collector"}')
}

async function findSpan(spans: Span[], attributes: Record<string, unknown>): Promise<Span> {
  const wanted = Object.entries(attributes)
  const has = (span: Span): boolean =>
    wanted.every(([name, value]) => span.attributes[name] === value)
  return waitFor(() => spans.find(has), `a span with ${JSON.stringify(attributes)}`)
}
