import type { Test } from 'tap'
import { catalog } from '../packages/metrics/src/catalog.ts'
import type { Description } from '../packages/metrics/src/family.ts'
import { runtimeFamilies, SHOWN } from '../packages/metrics/src/process/runtime.ts'
import { metricsIn, type Use } from './deploy-promql.ts'
import type { Rule } from './deploy-rules.ts'

/** What Prometheus adds to all that it is shown. */
const ADDED = ['job', 'instance']
/** What it makes itself; of alerts, those labels that all of ours have. */
const OWN = { up: ADDED, ALERTS: ['alertname', 'alertstate', 'severity', 'job'] }

/** Labels by the name of a metric, as Prometheus has them, of all that RELIW shows or rules record. */
export type Metrics = ReadonlyMap<string, readonly string[]>

export async function knownMetrics(recorded: readonly Rule[]): Promise<Metrics> {
  const metrics = new Map<string, readonly string[]>(Object.entries(OWN))
  const families: Description[] = Object.values(catalog).flatMap((part) => Object.values(part))
  const runtime = await runtimeFamilies()
  for (const name of SHOWN) {
    // What this system cannot tell is a gauge.
    const known = runtime.find((family) => family.name === name)
    families.push({ ...(known ?? { name, type: 'gauge', help: '' }), labels: [] })
  }
  for (const { name, type, labels } of families) {
    const own = [...labels, ...ADDED]
    if (type !== 'histogram') metrics.set(name, own)
    else {
      for (const suffix of ['_count', '_sum']) metrics.set(name + suffix, own)
      metrics.set(`${name}_bucket`, [...own, 'le'])
    }
  }
  for (const { name } of recorded) metrics.set(name, (name.split(':')[0] ?? '').split('_'))
  return metrics
}

/** Says for each metric of an expression that it exists and has the labels that it is asked for. */
export function checkUses(test: Test, expression: string, metrics: Metrics): void {
  const uses = metricsIn(expression)
  test.not(uses.length, 0, `metrics in ${expression}`)
  for (const { metric, labels } of uses) {
    const known = metrics.get(metric)
    test.ok(known, `${metric} of ${expression}`)
    for (const label of labels)
      test.ok(known?.includes(label), `${label} of ${metric}: ${expression}`)
  }
}

/** The labels that the results of an expression may have. */
export function labelsOfResult(expression: string, metrics: Metrics): Set<string> {
  const labelsOf = ({ metric, left }: Use): readonly string[] => left ?? metrics.get(metric) ?? []
  return new Set(metricsIn(expression).flatMap(labelsOf))
}
