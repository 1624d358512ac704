/** A format of metrics, identified by its content type. */
export interface Format {
  readonly contentType: string
  readonly isOpenMetrics: boolean
}

/** https://prometheus.io/docs/instrumenting/exposition_formats */
export const TEXT: Format = {
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  isOpenMetrics: false
}
/** https://prometheus.io/docs/specs/om/open_metrics_spec, version 1.0.0. */
export const OPEN_METRICS: Format = {
  contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  isOpenMetrics: true
}

const VERSIONS = new Set([undefined, '0.0.1', '1.0.0'])

/** The format that an Accept header prefers (RFC 9110 12.5.1): OpenMetrics if its quality is at least that of text. */
export function formatFor(accept: string | undefined): Format {
  let openMetrics = 0
  let text = 0
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const quality = Number(parameterOf(parameters, 'q') ?? 1)
    const isKnown = VERSIONS.has(parameterOf(parameters, 'version'))
    if (type === 'application/openmetrics-text' && isKnown) {
      openMetrics = Math.max(openMetrics, quality || 0)
    } else if (type === 'text/plain') text = Math.max(text, quality || 0)
  }
  return openMetrics > 0 && openMetrics >= text ? OPEN_METRICS : TEXT
}

function parameterOf(parameters: readonly string[], name: string): string | undefined {
  return parameters.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1)
}
