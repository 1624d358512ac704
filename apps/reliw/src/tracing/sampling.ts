import { createTraceparents, traceIdOf } from '@reliw/upstream-proxy'
import { type BeginTrace, NO_TRACE } from './trace-context.ts'

/** Positions of the parts of a traceparent (W3C Trace Context 3.2.2). */
const SPAN_ID = [36, 52] as const
const FLAGS = [53, 55] as const
/**
 * Flags: the trace is recorded; its trace id is random (Level 2 of the standard; true of the whole trace, so it is
 * kept).
 */
const SAMPLED = 0x01
const RANDOM = 0x02

/**
 * Decides which requests are recorded: as a trusted peer has decided, else at random.
 *
 * @param ratio share of requests, 0 to 1
 */
export function createSampling(ratio: number): BeginTrace {
  const newTraceparent = createTraceparents()

  return (received) => {
    if (received === undefined) {
      if (Math.random() >= ratio) return NO_TRACE
      const traceparent = newTraceparent()
      const traceId = traceIdOf(traceparent)
      const spanId = traceparent.slice(...SPAN_ID)
      return { traceparent, span: { traceId, spanId, parentSpanId: undefined } }
    }
    const flags = Number.parseInt(received.slice(...FLAGS), 16)
    // Passed on unchanged: a server that records nothing adds no span to the trace.
    if ((flags & SAMPLED) === 0) return { traceparent: received, span: undefined }
    const traceId = traceIdOf(received)
    const spanId = newTraceparent().slice(...SPAN_ID)
    const traceparent = `00-${traceId}-${spanId}-0${flags & (SAMPLED | RANDOM)}`
    return { traceparent, span: { traceId, spanId, parentSpanId: received.slice(...SPAN_ID) } }
  }
}
