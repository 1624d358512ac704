// The plugin alone, in an app that has nothing else.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { portOf, rawRequest, type TestContext } from '@reliw/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import { waf, type WafEvent, type WafOptions, type WafVerdict } from '../src/index.ts'

export interface WafApp {
  app: FastifyInstance
  port: number
  /** The verdicts on requests so far. */
  verdicts: WafVerdict[]
  /** The events on the channel of verdicts. */
  events: WafEvent[]
  /** Lines of the log. */
  log: string[]
  /** Requests a target; header lines end in CRLF. Resolves to the whole response. */
  get: (target: string, headers?: string) => Promise<string>
}

/** Starts the plugin on a port of loopback; every path is served, `/free` and `/told` with a route option. */
export async function startApp(t: TestContext, options: WafOptions): Promise<WafApp> {
  const log: string[] = []
  const stream = { write: (line: string): void => void log.push(line) }
  const app = Fastify({ logger: { level: 'warn', stream } })
  const verdicts: WafVerdict[] = []
  const onVerdict = (verdict: WafVerdict): void => void verdicts.push(verdict)
  await app.register(waf, { onVerdict, ...options })
  app.get('/free', { config: { waf: false } }, () => 'served')
  app.get('/told', { config: { waf: { mode: 'detect' } } }, () => 'served')
  app.get('/off', { config: { waf: { mode: 'off' } } }, () => 'served')
  app.get('/strict', { config: { waf: { mode: 'block' } } }, () => 'served')
  app.all('/*', ({ waf: found }) => ({ found: found?.rule }))
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  const port = portOf(app.server)
  const get: WafApp['get'] = async (target, headers = '') =>
    rawRequest(
      port,
      `GET ${target} HTTP/1.1\r\nHost: a.example\r\n${headers}Connection: close\r\n\r\n`
    )
  return { app, port, verdicts, events: collectEvents(t), log, get }
}

/** The status of a response; 0 when there was none. */
export function statusOf(response: string): number {
  return Number(response.slice(9, 12))
}

function collectEvents(t: TestContext): WafEvent[] {
  const events: WafEvent[] = []
  const listener = (event: unknown): void => void events.push(event as WafEvent)
  subscribe('reliw.waf.verdict', listener)
  t.teardown(() => void unsubscribe('reliw.waf.verdict', listener))
  return events
}
