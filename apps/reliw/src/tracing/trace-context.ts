import { createTraceparents, isTraceparent } from '@reliw/upstream-proxy'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** A span of ours, under way. */
export interface SpanIds {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits: the parent of whatever origins do. */
  readonly spanId: string
  /** The span of the trusted peer that asked; undefined: the trace begins here. */
  readonly parentSpanId: string | undefined
}

/** The part that a request has in a trace. */
export interface Trace {
  /** Header value of W3C Trace Context, as log and origins see it; undefined: nobody needed one so far. */
  readonly traceparent: string | undefined
  /** What is recorded of the request when it is over; undefined: nothing. */
  readonly span: SpanIds | undefined
}

/** Decides on the trace of a request, given what a trusted peer says of it. */
export type BeginTrace = (received: string | undefined) => Trace

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined until somebody has asked. */
    trace: Trace | undefined
    /**
     * The trace that the request is part of (W3C Trace Context 3.2); undefined: none. Not to be read before it is
     * known whether the peer is trusted.
     */
    readonly traceparent: string | undefined
  }
}

/** The traces of an app's requests. */
export interface TraceContexts {
  /** Decorates requests, before the app is ready. */
  attach: (app: FastifyInstance) => void
  traceOf: (request: FastifyRequest) => Trace
  /** What origins are told: the request's traceparent, made now if there is none yet. Always the same. */
  traceparentOf: (request: FastifyRequest) => string
}

/** No trace yet: one object for all requests. */
export const NO_TRACE: Trace = { traceparent: undefined, span: undefined }

/**
 * What a trusted peer says is taken over, from all others it is not even looked at. Ids are made only for those who
 * are asked for them.
 *
 * @param newFlags those of a traceparent that is made for an origin alone; default 01: it may record what it likes
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
