// The plugin alone, in an app that has nothing else.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { portOf, rawRequest, type TestContext } from '@reliw/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import { waf, type WafEvent, type WafOptions, type WafVerdict } from '../src/index.ts'

export interface WafApp {
  app: FastifyInstance
  port: number
  /** What was found in each request that came so far, for those in which something was. */
  verdicts: WafVerdict[]
  /** What was told on the channel. */
  events: WafEvent[]
  /** Lines of the log. */
  log: string[]
  /** Asks for a target; header lines end in CRLF. Resolves to all that is answered. */
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
  return { app, port, verdicts, events: hearEvents(t), log, get }
}

/** The status of an answer; 0 when there was none. */
export function statusOf(answer: string): number {
  return Number(answer.slice(9, 12))
}

function hearEvents(t: TestContext): WafEvent[] {
  const events: WafEvent[] = []
  const listener = (event: unknown): void => void events.push(event as WafEvent)
  subscribe('reliw.waf.verdict', listener)
  t.teardown(() => void unsubscribe('reliw.waf.verdict', listener))
  return events
}
