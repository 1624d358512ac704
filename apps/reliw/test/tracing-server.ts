import type { TestContext } from '@reliw/testing'
import type { Config } from '../src/index.ts'
import { type Server, startServer } from './start-server.ts'
import { type Collector, startCollector } from './tracing-collector.ts'
import type { Span } from './tracing-otlp.ts'

export const TRACE = '0af7651916cd43dd8448eb211c80319c'
export const PARENT = 'b7ad6b7169203331'
/** What a caller sends of its trace: recorded, or not. */
export const RECORDED = `00-${TRACE}-${PARENT}-01`
export const UNRECORDED = `00-${TRACE}-${PARENT}-00`

/** The peer of all tests is trusted. */
export const TRUSTING: Config = { trusted_proxies: ['127.0.0.0/8'] }
/** No request is recorded by chance. */
export const NEVER: Config = { tracing: { sample_ratio: 0 } }

export interface TracedServer extends Server {
  collector: Collector
  /** Closes the server; resolves to all that it has recorded. */
  finish: () => Promise<Span[]>
}

/** A server that records all requests, unless configured, and sends them to a collector. */
export async function startTraced(
  t: TestContext,
  values: Record<string, unknown>,
  config: Config = {}
): Promise<TracedServer> {
  const collector = await startCollector(t)
  const tracing = { endpoint: collector.endpoint, sample_ratio: 1, ...config.tracing }
  const server = await startServer(t, values, { ...config, tracing })
  const finish = async (): Promise<Span[]> => {
    await server.app.close()
    return collector.spans
  }
  return { ...server, collector, finish }
}
