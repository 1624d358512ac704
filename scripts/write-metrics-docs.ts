/** Writes docs/metrics.md from the catalog of metrics: `npm run schema`. */
import { writeFile } from 'node:fs/promises'
import { catalog, type Description, type FamilyType } from '../packages/metrics/src/index.ts'
import { MERGES } from '../packages/metrics/src/process/registry-families.ts'
import { SHOWN, startRuntime } from '../packages/metrics/src/process/runtime.ts'
import { markdownTable } from './markdown-table.ts'
import { LABELS } from './metric-labels.ts'
import { METRICS_PROSE } from './metrics-prose.ts'

/** What the library tells of a metric. */
interface RuntimeMetric {
  name: string
  help: string
  type: FamilyType
  aggregator: string
  labelNames: readonly string[]
}

/** What is to be known of the families of a part. */
const NOTES: Readonly<Partial<Record<keyof typeof catalog | 'Runtime', string>>> = {
  Requests: `A client that left counts with the status that it was sent: 499, of class \`4xx\`, where it was sent none. What is refused
before it is a request (400, 408, 431) is not counted. Bytes of bodies are before any transfer coding; an app of your own that does
not say them has the \`Content-Length\`s counted.`,
  Fleet:
    'Read from `METRICS:<host>:total` and `METRICS:<host>:by_method`; left out while the store is away.',
  Limits: 'Those that are not counters are there with `@reliw/limits`.',
  Upstreams:
    'Circuits, origins and connections are those of upstreams that were asked in the last ten minutes.',
  TLS: 'Where the server itself speaks TLS.',
  Runtime: 'Of node and of the system; those that begin with `process_` on Linux alone.'
}

/** The whole document. */
export function metricsDocs(): string {
  const parts = Object.entries(catalog) as [keyof typeof catalog, Record<string, Description>][]
  return [
    METRICS_PROSE,
    `## Labels\n\n${markdownTable(
      ['Label', 'Of', 'Values'],
      LABELS.map(([label, ...rest]) => [`\`${label}\``, ...rest])
    )}`,
    '## Families\n',
    ...parts.map(([name, part]) => section(name, Object.values(part).map(rowOf))),
    section('Runtime', runtimeRows())
  ].join('\n')
}

/** Writes the document and says so. */
export async function writeMetricsDocs(): Promise<void> {
  const target = new URL('../docs/metrics.md', import.meta.url)
  await writeFile(target, metricsDocs())
  console.log(`wrote ${target.pathname}`)
}

function section(name: keyof typeof NOTES, rows: readonly string[][]): string {
  const note = NOTES[name] === undefined ? '' : `${NOTES[name]}\n\n`
  const titles = ['Name', 'Type', 'Labels', 'Together', 'Meaning']
  return `### ${name}\n\n${note}${markdownTable(titles, rows)}`
}

function rowOf({ name, type, labels, merge = 'sum', help }: Description): string[] {
  return [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(' '), merge, help]
}

function runtimeRows(): string[][] {
  const metrics = startRuntime().getMetricsAsArray() as unknown as readonly RuntimeMetric[]
  return metrics
    .filter(({ name }) => SHOWN.has(name))
    .map(({ name, type, labelNames: labels, aggregator, help }) =>
      rowOf({ name, type, labels, merge: MERGES[aggregator] ?? 'sum', help })
    )
}

if (import.meta.main) await writeMetricsDocs()
