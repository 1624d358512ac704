/** Pieces that expressions are made of. */

/** What the variables of a dashboard choose. */
export const JOB = 'job=~"$job"'
export const HOST = `${JOB}, host=~"$host"`
export const UPSTREAM = `${JOB}, upstream=~"$upstream"`

/** How much a counter grows in a second, summed over processes: by `labels`, or in all. */
export function rate(counter: string, labels: string, selector: string): string {
  return `sum${by(labels)} (rate(${counter}{${selector}}[$__rate_interval]))`
}

/** What a gauge comes to, by `sum`, `max` or `min` over processes. */
export function gauge(
  how: 'sum' | 'max' | 'min',
  name: string,
  labels: string,
  selector: string
): string {
  return `${how}${by(labels)} (${name}{${selector}})`
}

/** Half of them, 95 and 99 of a hundred are not above these. */
export function quantiles(histogram: string, selector: string): [expr: string, legend: string][] {
  return [0.5, 0.95, 0.99].map((q) => [quantile(q, histogram, '', selector), `p${q * 100}`])
}

export function quantile(q: number, histogram: string, labels: string, selector: string): string {
  const all = labels === '' ? 'le' : `le, ${labels}`
  return `histogram_quantile(${q}, ${rate(`${histogram}_bucket`, all, selector)})`
}

/** The part of the requests of a week that kept an objective: `failed`, `over_500ms` or `over_2s` did not. */
export function kept(level: 'job' | 'job_host', missed: string, selector: string): string {
  const week = (what: string): string =>
    `sum(avg_over_time(${level}:reliw_${what}:rate5m{${selector}}[7d]))`
  return `1 - ${week(`requests_${missed}`)} / ${week('requests')}`
}

function by(labels: string): string {
  return labels === '' ? '' : ` by (${labels})`
}
