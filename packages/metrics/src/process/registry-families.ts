import type { Description, Family, FamilyType, Sample } from '../family.ts'
import { labelsOf } from '../family.ts'

/** A metric of `@prometheus-io/client` or `prom-client`. */
interface Metric {
  name: string
  get(): Promise<MetricValues> | MetricValues
}

interface MetricValues {
  name: string
  help: string
  type: unknown
  aggregator?: string
  values: readonly Value[]
}

interface Value {
  value: number
  labels: Readonly<Partial<Record<string, string | number>>>
  metricName?: string
}

/** A registry of `@prometheus-io/client` or `prom-client`. */
export interface MetricRegistry {
  getMetricsAsArray(): readonly unknown[]
}

/** How values of several processes are merged, by the libraries' name of the aggregation. */
export const MERGES: Readonly<Record<string, NonNullable<Description['merge']>>> = {
  sum: 'sum',
  min: 'min',
  omit: 'min',
  max: 'max',
  first: 'max',
  average: 'max'
}

/** The wanted metrics of a registry; summaries, and metrics that cannot be read now, are left out. */
export async function familiesOf(
  registry: MetricRegistry,
  isWanted: (name: string) => boolean
): Promise<Family[]> {
  const families: Family[] = []
  for (const metric of registry.getMetricsAsArray() as readonly Metric[]) {
    if (!isWanted(metric.name)) continue
    try {
      const family = familyOf(await metric.get())
      if (family !== undefined) families.push(family)
    } catch {
      // For example, no descriptor is free: the other metrics are still shown.
    }
  }
  return families
}

function familyOf({
  name,
  help,
  type,
  aggregator = 'sum',
  values
}: MetricValues): Family | undefined {
  const description = { name, help, labels: namesOf(values), merge: MERGES[aggregator] ?? 'sum' }
  if (type === 'histogram') return histogramOf(description, values)
  if (type !== 'counter' && type !== 'gauge') return undefined
  // The library's event loop histogram has no mean before the first turn.
  const known = values.filter(({ value }) => Number.isFinite(value))
  return {
    ...description,
    type: type as FamilyType,
    samples: known.map((one) => [textOf(one), one.value])
  }
}

/** Converts cumulative buckets into buckets that count only their own values. */
function histogramOf(description: Omit<Description, 'type'>, values: readonly Value[]): Family {
  const bounds = [
    ...new Set(values.map(({ labels: { le } }) => Number(le)).filter(Number.isFinite))
  ]
  const series = new Map<string, number[]>()
  for (const value of values) {
    const { metricName = '', labels } = value
    const key = textOf(value)
    let counts = series.get(key)
    if (counts === undefined)
      series.set(key, (counts = Array.from({ length: bounds.length + 2 }, () => 0)))
    if (metricName.endsWith('_sum')) counts[bounds.length + 1] = value.value
    else if (labels['le'] === '+Inf') counts[bounds.length] = value.value
    else if (labels['le'] !== undefined) counts[bounds.indexOf(Number(labels['le']))] = value.value
  }
  const samples: Sample[] = [...series].map(([key, counts]) => [
    key,
    counts.map((count, at) =>
      at > 0 && at <= bounds.length ? count - (counts[at - 1] ?? 0) : count
    )
  ])
  return { ...description, type: 'histogram', bounds, samples }
}

function namesOf(values: readonly Value[]): string[] {
  return [...new Set(values.flatMap(({ labels }) => Object.keys(labels)))].filter(
    (name) => name !== 'le'
  )
}

function textOf({ labels }: Value): string {
  const entries = Object.entries(labels).filter(([name]) => name !== 'le')
  return labelsOf(
    entries.map(([name]) => name),
    entries.map(([, value]) => String(value))
  )
}
