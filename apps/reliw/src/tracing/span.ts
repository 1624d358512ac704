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

/** Name, attributes and status of a span. */
export interface SpanText {
  /** One of a few names; never contains values that clients choose. */
  readonly name: string
  readonly attributes: Attributes
  readonly isError: boolean
}

/** A span without the resource that it is recorded for. */
export interface FinishedSpan extends SpanText {
  readonly kind: SpanKind
  readonly ids: SpanIds
  /** Whether the parent span belongs to another process. */
  readonly isParentRemote: boolean
  /** Milliseconds since the epoch. */
  readonly end: number
  /** Milliseconds. */
  readonly duration: number
}

/** The span as OpenTelemetry exports it. It is made when the request has ended, so it needs no tracer. */
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

/** Milliseconds as seconds and nanoseconds. */
function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.floor((ms - seconds * 1000) * 1e6)]
}
