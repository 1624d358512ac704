import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TracingSettings } from './options.ts'
import { createTraceContexts } from './trace-context.ts'

/** Traces of requests: what came of them from others, what is passed on, what is recorded. */
export interface Tracing {
  /** Decorates requests, before the app is ready; what is recorded is sent off when the app is closed. */
  attach: (app: FastifyInstance) => void
  /** What an origin is told of the trace: the proxy's option `traceparent`. */
  traceparentOf: (request: FastifyRequest) => string
  /**
   * Has to be told of the end of each request, with the milliseconds that it took. Does not throw. Undefined: nobody
   * wants to know.
   */
  onEnd: ((request: FastifyRequest, reply: FastifyReply, ms: number) => void) | undefined
}

/** Opens what the config asks for. OpenTelemetry is loaded only now, and only if spans are to be recorded. */
export async function openTracing(
  settings: TracingSettings | undefined,
  log: FastifyBaseLogger
): Promise<Tracing> {
  if (settings === undefined) {
    const { attach, traceparentOf } = createTraceContexts()
    return { attach, traceparentOf, onEnd: undefined }
  }
  const { openTelemetry } = await import('./open-telemetry.ts')
  return openTelemetry(settings, log)
}
