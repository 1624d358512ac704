import { createTraceparents, isTraceparent } from '@reliw/upstream-proxy'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** The ids of a span that this server is recording. */
export interface SpanIds {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. The parent of the origins' spans. */
  readonly spanId: string
  /** The span of the trusted peer; undefined when the trace begins here. */
  readonly parentSpanId: string | undefined
}

/** A request's part in a trace. */
export interface Trace {
  /** The header value (W3C Trace Context) for logs and origins; undefined when none has been needed yet. */
  readonly traceparent: string | undefined
  /** The span that is recorded when the request ends; undefined when none is. */
  readonly span: SpanIds | undefined
}

/** Decides on the trace of a request, given the traceparent from a trusted peer. */
export type BeginTrace = (received: string | undefined) => Trace

declare module 'fastify' {
  interface FastifyRequest {
    /** The request's trace; undefined until it is first read by `traceOf`. */
    trace: Trace | undefined
    /**
     * The traceparent of the trace that the request is part of (W3C Trace Context 3.2); undefined when there is none.
     * Must not be read before it is known whether the peer is trusted.
     */
    readonly traceparent: string | undefined
  }
}

/** The traces of an app's requests. */
export interface TraceContexts {
  /** Decorates requests; to be called before the app is ready. */
  attach: (app: FastifyInstance) => void
  traceOf: (request: FastifyRequest) => Trace
  /** The traceparent for origins. It is made when the request has none, and stays the same. */
  traceparentOf: (request: FastifyRequest) => string
}

/** No trace: one object shared by all requests. */
export const NO_TRACE: Trace = { traceparent: undefined, span: undefined }

/**
 * Takes over traceparents from trusted peers and ignores all others. Ids are made only when they are needed.
 *
 * @param newFlags flags of a traceparent that is made for an origin; default 01: the origin may record what it likes
 */
export function createTraceContexts(
  begin: BeginTrace = takeOver,
  newFlags: '00' | '01' = '01'
): TraceContexts {
  const newTraceparent = createTraceparents()

  function traceOf(request: FastifyRequest): Trace {
    return (request.trace ??= begin(received(request)))
  }

  function traceparentOf(request: FastifyRequest): string {
    const { traceparent } = traceOf(request)
    if (traceparent !== undefined) return traceparent
    const made = newTraceparent().slice(0, -2) + newFlags
    request.trace = { traceparent: made, span: undefined }
    return made
  }

  function attach(app: FastifyInstance): void {
    app.decorateRequest('trace', undefined)
    app.decorateRequest('traceparent', {
      getter(this: FastifyRequest) {
        return traceOf(this).traceparent
      }
    })
  }

  return { attach, traceOf, traceparentOf }
}

function takeOver(traceparent: string | undefined): Trace {
  return traceparent === undefined ? NO_TRACE : { traceparent, span: undefined }
}

function received({ raw, facts }: FastifyRequest): string | undefined {
  const { traceparent } = raw.headers
  if (typeof traceparent !== 'string' || !facts.isPeerTrusted) return undefined
  return isTraceparent(traceparent) ? traceparent : undefined
}
