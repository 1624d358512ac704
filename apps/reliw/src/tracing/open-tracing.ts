import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TracingSettings } from './options.ts'
import { createTraceContexts } from './trace-context.ts'

/** Tracing of requests: taking over received trace contexts, passing them on, recording spans. */
export interface Tracing {
  /** Decorates requests; to be called before the app is ready. Recorded spans are exported when the app is closed. */
  attach: (app: FastifyInstance) => void
  /** The traceparent for an origin: the proxy's option `traceparent`. */
  traceparentOf: (request: FastifyRequest) => string
  /**
   * Must be called at the end of each request, with its duration in milliseconds. Does not throw. Undefined when
   * nothing is recorded.
   */
  onEnd: ((request: FastifyRequest, reply: FastifyReply, ms: number) => void) | undefined
}

/** Opens tracing as configured. OpenTelemetry is loaded only when spans are recorded. */
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
