import {
  type Attributes,
  type HrTime,
  type SpanContext,
  type SpanKind,
  SpanStatusCode,
  TraceFlags
} from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { version } from '../version.ts'
import type { SpanIds } from './trace-context.ts'

const SCOPE = { name: 'reliw', version }
const NOTHING: never[] = []

/** What a span tells. */
export interface SpanText {
  /** One of few: never anything that clients choose. */
  readonly name: string
  readonly attributes: Attributes
  readonly isError: boolean
}

/** All of a span but who sends it. */
export interface FinishedSpan extends SpanText {
  readonly kind: SpanKind
  readonly ids: SpanIds
  /** Whether the parent is another process's. */
  readonly isParentRemote: boolean
  /** Epoch milliseconds. */
  readonly end: number
  /** Milliseconds. */
  readonly duration: number
}

/** The span as OpenTelemetry exports it: made when all is known, it needs none of the steps of a tracer. */
export function toReadableSpan(span: FinishedSpan, resource: Resource): ReadableSpan {
  const { name, kind, ids, attributes, isError, isParentRemote, end, duration } = span
  const { traceId, parentSpanId } = ids
  const context: SpanContext = { traceId, spanId: ids.spanId, traceFlags: TraceFlags.SAMPLED }
  const finished = {
    name,
    kind,
    spanContext: () => context,
    startTime: toHrTime(end - duration),
    endTime: toHrTime(end),
    duration: toHrTime(duration),
    status: { code: isError ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes,
    links: NOTHING,
    events: NOTHING,
    ended: true,
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0
  }
  if (parentSpanId === undefined) return finished
  const parent = {
    traceId,
    spanId: parentSpanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: isParentRemote
  }
  return { ...finished, parentSpanContext: parent }
}

/** Seconds and nanoseconds. */
function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.floor((ms - seconds * 1000) * 1e6)]
}
