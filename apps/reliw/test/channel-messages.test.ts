import { channel } from 'node:diagnostics_channel'
import { publisherOf } from '@reliw/http'
import { respond, startOrigin, waitFor } from '@reliw/testing'
import Fastify from 'fastify'
import { pino } from 'pino'
import { test } from 'tap'
import { createAccessLog } from '../src/access-log.ts'
import { startServer } from './start-server.ts'
import { startCollector } from './tracing-collector.ts'

const CHANNELS =
  'reliw.auth.failure reliw.auth.login reliw.auth.logout reliw.waf.verdict reliw.waf.examined reliw.limits.banned ' +
  'reliw.limits.refused reliw.limits.exceeded reliw.upstream.attempt reliw.upstream.retry reliw.upstream.outcome ' +
  'reliw.upstream.circuit reliw.upstream.health reliw.store.operation reliw.store.rejected'

/** What has a getter that throws, whatever one asks it for. */
const hostile: unknown = new Proxy(
  {},
  { get: () => thrown(), has: () => thrown(), ownKeys: () => thrown() }
)

function thrown(): never {
  throw new Error('thrown on purpose')
}

test('no message on a channel ends the process', async (t) => {
  const origin = await startOrigin(t, respond('well'))
  const { endpoint } = await startCollector(t)
  const { app } = await startServer(
    t,
    { 'PROXY:shop.test': { target: origin.url } },
    {
      tracing: { endpoint, sample_ratio: 1 },
      auto_ban: { login_failures: { threshold: 1 }, waf_blocks: { threshold: 1 } }
    }
  )
  for (const name of CHANNELS.split(' ')) {
    for (const message of [
      undefined,
      null,
      1,
      'text',
      {},
      hostile,
      { way: hostile, clientIp: hostile },
      { publisher: publisherOf(app), way: hostile, clientIp: hostile, action: 'block' }
    ]) {
      channel(name).publish(message)
    }
  }
  // What a subscriber throws, node throws again in a tick of its own: tap would see it.
  const response = await app.inject({ url: '/', headers: { host: 'shop.test' } })
  t.match(response, { statusCode: 200, body: 'well' })
})

test('an error at the end of a request is logged, and the process survives', async (t) => {
  const lines: object[] = []
  const logger = pino(
    { base: null },
    { write: (line: string) => void lines.push(JSON.parse(line)) }
  )
  const log = { logger, writeLine: thrown, flush: async () => undefined, dropped: () => 0 }
  const logAccess = createAccessLog(log, [], thrown)
  const app = Fastify()
  app.addHook('onRequest', async (request, reply) => logAccess(request, reply))
  await app.inject('/')
  const told = { msg: 'end of request could not be logged', request_id: String }
  await waitFor(() => lines.length >= 2, 'the lines')
  t.match(lines, [told, told])
})
