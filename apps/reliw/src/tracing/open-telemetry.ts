/**
 * Sends spans of requests and of attempts at origins by OpenTelemetry. Only `open-tracing.ts` loads this file, and only
 * when tracing is configured.
 */

import { hostname } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { SpanKind } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace'
import { publisherOf } from '@reliw/http'
import { createTraceparents } from '@reliw/upstream-proxy'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { version } from '../version.ts'
import { describeAttempt } from './attempt-span.ts'
import { Attempts } from './attempts.ts'
import { preciseNow } from './clock.ts'
import type { Tracing } from './open-tracing.ts'
import type { TracingSettings } from './options.ts'
import { describeRequest, knownMethod } from './request-span.ts'
import { createSampling } from './sampling.ts'
import { type FinishedSpan, toReadableSpan } from './span.ts'
import { createTraceContexts } from './trace-context.ts'
import { WatchedExporter } from './watched-exporter.ts'

/** Maximum number of spans that wait to be exported; further ones are dropped. */
const MAX_WAITING = 2048
/** Maximum number of spans in one export: making their JSON takes a few milliseconds. */
const BATCH = 256
/** Longest time that a span waits for further spans, in milliseconds. */
const PATIENCE = 1000
/** Maximum number of exports at the same time. */
const MAX_EXPORTS = 8
/** Longest wait for exports when closing, in milliseconds. */
const DRAIN = 2000

export function openTelemetry(settings: TracingSettings, log: FastifyBaseLogger): Tracing {
  const resource = describeProcess(settings)
  const exporter = createExporter(settings, log)
  const processor = createProcessor(settings, exporter)
  const contexts = createTraceContexts(createSampling(settings.sample_ratio), '00')
  const newTraceparent = createTraceparents()
  const attempts = new Attempts(
    (event, { ids, method }) => {
      const { traceId, spanId: parentSpanId } = ids
      record({
        ...describeAttempt(method, event),
        kind: SpanKind.CLIENT,
        ids: { traceId, spanId: newTraceparent().slice(36, 52), parentSpanId },
        isParentRemote: false,
        end: preciseNow(),
        duration: event.ms
      })
    },
    (err) => log.error({ err }, 'attempts cannot be recorded')
  )

  function record(span: FinishedSpan): void {
    processor.onEnd(toReadableSpan(span, resource))
  }

  function attach(app: FastifyInstance): void {
    contexts.attach(app)
    attempts.follow(publisherOf(app))
    app.addHook('onClose', async () => {
      // Requests whose connections were broken end after the server has closed.
      for (let turn = 0; turn < 2; turn++) await setImmediate()
      attempts.close()
      await flush(processor, exporter)
    })
  }

  function traceparentOf(request: FastifyRequest): string {
    const traceparent = contexts.traceparentOf(request)
    const ids = request.trace?.span
    if (ids !== undefined)
      attempts.expect(request.id, { ids, method: knownMethod(request.raw.method) })
    return traceparent
  }

  function onEnd(request: FastifyRequest, reply: FastifyReply, ms: number): void {
    const { traceparent, span: ids } = contexts.traceOf(request)
    if (ids === undefined) return
    // The request has ended: its traceparent stays the same, and nothing more is recorded.
    request.trace = { traceparent, span: undefined }
    attempts.forget(request.id, ids)
    const text = describeRequest(request, reply)
    const end = preciseNow()
    record({ ...text, kind: SpanKind.SERVER, ids, isParentRemote: true, end, duration: ms })
  }

  return { attach, traceparentOf, onEnd }
}

function describeProcess({ service_name }: TracingSettings): Resource {
  return resourceFromAttributes({
    'service.name': service_name,
    'service.version': version,
    'host.name': hostname(),
    'process.pid': process.pid
  })
}

function createExporter(settings: TracingSettings, log: FastifyBaseLogger): SpanExporter {
  const { endpoint, headers, timeout } = settings
  const exporter = new OTLPTraceExporter({
    url: endpoint,
    headers,
    timeoutMillis: timeout,
    concurrencyLimit: MAX_EXPORTS
  })
  return new WatchedExporter(exporter, log, new URL(endpoint).host)
}

function createProcessor(settings: TracingSettings, exporter: SpanExporter): BatchSpanProcessor {
  return new BatchSpanProcessor({
    exporter,
    maxQueueSize: MAX_WAITING,
    maxExportBatchSize: BATCH,
    scheduledDelayMillis: PATIENCE,
    // The exporter has a timeout of its own; this one covers a response that arrives slowly.
    exportTimeoutMillis: 2 * settings.timeout
  })
}

async function flush(processor: BatchSpanProcessor, exporter: SpanExporter): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, DRAIN)
  // `shutdown` rejects when the first export fails, while others may still be in progress.
  const isFlushed = processor.shutdown().catch(() => exporter.shutdown())
  isFlushed.then(resolve, resolve)
  await promise
  clearTimeout(timer)
}
