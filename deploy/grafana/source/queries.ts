/** Parts of expressions. */

/** Label matchers for the variables of a dashboard. */
export const JOB = 'job=~"$job"'
export const HOST = `${JOB}, host=~"$host"`
export const UPSTREAM = `${JOB}, upstream=~"$upstream"`

/** Growth of a counter per second, summed over processes: by `labels`, or in total. */
export function rate(counter: string, labels: string, selector: string): string {
  return `sum${by(labels)} (rate(${counter}{${selector}}[$__rate_interval]))`
}

/** The `sum`, `max` or `min` of a gauge over processes. */
export function gauge(
  how: 'sum' | 'max' | 'min',
  name: string,
  labels: string,
  selector: string
): string {
  return `${how}${by(labels)} (${name}{${selector}})`
}

/** The 50th, 95th and 99th percentile. */
export function quantiles(histogram: string, selector: string): [expr: string, legend: string][] {
  return [0.5, 0.95, 0.99].map((q) => [quantile(q, histogram, '', selector), `p${q * 100}`])
}

export function quantile(q: number, histogram: string, labels: string, selector: string): string {
  const all = labels === '' ? 'le' : `le, ${labels}`
  return `histogram_quantile(${q}, ${rate(`${histogram}_bucket`, all, selector)})`
}

/** Share of the requests of a week that met an objective; `missed`: `failed`, `over_500ms` or `over_2s`. */
export function shareMet(level: 'job' | 'job_host', missed: string, selector: string): string {
  const week = (what: string): string =>
    `sum(avg_over_time(${level}:reliw_${what}:rate5m{${selector}}[7d]))`
  return `1 - ${week(`requests_${missed}`)} / ${week('requests')}`
}

function by(labels: string): string {
  return labels === '' ? '' : ` by (${labels})`
}
