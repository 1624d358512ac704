/** A span as it came. */
export interface Span {
  name: string
  /** 2: server, 3: client. */
  kind: number
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  /** 0: unset, 2: error. */
  status: number
  /** Nanoseconds of the epoch. */
  start: bigint
  end: bigint
  attributes: Record<string, unknown>
  /** Attributes of the process that sent it. */
  resource: Record<string, unknown>
}

interface KeyValue {
  key: string
  value: { stringValue?: string; intValue?: number; boolValue?: boolean }
}

interface OtlpSpan {
  name: string
  kind: number
  traceId: string
  spanId: string
  parentSpanId?: string
  status?: { code?: number }
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: KeyValue[]
}

/** The body of an export (opentelemetry-proto, `ExportTraceServiceRequest`). */
export interface OtlpExport {
  resourceSpans: {
    resource: { attributes: KeyValue[] }
    scopeSpans: { spans: OtlpSpan[] }[]
  }[]
}

/** All spans of an export. */
export function spansOf({ resourceSpans }: OtlpExport): Span[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => toSpan(span, toRecord(resource.attributes)))
    )
  )
}

function toSpan(span: OtlpSpan, resource: Record<string, unknown>): Span {
  const { name, kind, traceId, spanId, parentSpanId } = span
  return {
    name,
    kind,
    traceId,
    spanId,
    parentSpanId,
    status: span.status?.code ?? 0,
    start: BigInt(span.startTimeUnixNano),
    end: BigInt(span.endTimeUnixNano),
    attributes: toRecord(span.attributes),
    resource
  }
}

function toRecord(attributes: KeyValue[]): Record<string, unknown> {
  const values = attributes.map(({ key, value }) => [
    key,
    value.stringValue ?? value.intValue ?? value.boolValue
  ])
  return Object.fromEntries(values) as Record<string, unknown>
}
