import { publisherOf, upstreamEvents, useFacts } from '@reliw/http'
import type { TestContext } from '@reliw/testing'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { test } from 'tap'
import { openTracing, type Tracing } from '../src/tracing/open-tracing.ts'
import { TracingConfig } from '../src/tracing/options.ts'
import { startCollector } from './tracing-collector.ts'
import type { Span } from './tracing-otlp.ts'

type Handler = (tracing: Tracing, request: FastifyRequest, reply: FastifyReply) => void

/** What is recorded of a request, if this is done with it. */
async function record(t: TestContext, handle: Handler): Promise<Span[]> {
  const { endpoint, spans } = await startCollector(t)
  const app = Fastify()
  useFacts(app)
  const settings = TracingConfig.parse({ endpoint, sample_ratio: 1 })
  const tracing = await openTracing(settings, app.log)
  tracing.attach(app)
  app.get('/', (request, reply) => {
    handle(tracing, request, reply)
    reply.send('x')
  })
  await app.inject('/')
  await app.close()
  return spans
}

function tellAttempt({ id, server }: FastifyRequest): void {
  const event = { upstream: 'x', origin: '127.0.0.1:1', attempt: 1, ms: 1, status: 200 } as const
  upstreamEvents.attempt.publish({ ...event, publisher: publisherOf(server), requestId: id })
}

test('a request has one span, however often its end is reported', async (t) => {
  const spans = await record(t, ({ onEnd }, request, reply) => {
    onEnd?.(request, reply, 1)
    onEnd?.(request, reply, 1)
  })
  t.equal(spans.length, 1)
})

test('forwarding after the end continues the trace, and leaves nothing in memory', async (t) => {
  const traceparents: (string | undefined)[] = []
  const spans = await record(t, ({ traceparentOf, onEnd }, request, reply) => {
    traceparents.push(request.traceparent)
    onEnd?.(request, reply, 1)
    traceparents.push(traceparentOf(request))
    tellAttempt(request)
  })
  t.match(spans, [{ kind: 2 }])
  t.equal(spans.length, 1)
  t.equal(traceparents[0], traceparents[1])
  t.notOk(upstreamEvents.attempt.hasSubscribers, 'a closed server listens to nobody')
})

test('attempts of other apps are not recorded', async (t) => {
  const spans = await record(t, ({ onEnd }, request, reply) => {
    tellAttempt(request)
    onEnd?.(request, reply, 1)
  })
  t.match(spans, [{ kind: 2 }])
  t.equal(spans.length, 1)
})

test('an attempt that is reported in the turn of the end is recorded', async (t) => {
  const spans = await record(t, ({ traceparentOf, onEnd }, request, reply) => {
    traceparentOf(request)
    onEnd?.(request, reply, 1)
    tellAttempt(request)
  })
  t.strictSame(
    spans.map(({ kind }) => kind),
    [2, 3]
  )
})
