/** Writes docs/metrics.md from the catalog of metrics: `npm run schema`. */
import { writeFile } from 'node:fs/promises'
import { catalog, type Description, type FamilyType } from '../packages/metrics/src/index.ts'
import { MERGES } from '../packages/metrics/src/process/registry-families.ts'
import { SHOWN, startRuntime } from '../packages/metrics/src/process/runtime.ts'
import { markdownTable } from './markdown-table.ts'
import { LABELS } from './metric-labels.ts'
import { METRICS_PROSE } from './metrics-prose.ts'

/** A metric, as described by the library. */
interface RuntimeMetric {
  name: string
  help: string
  type: FamilyType
  aggregator: string
  labelNames: readonly string[]
}

/** Remarks about the families of a part. */
const NOTES: Readonly<Partial<Record<keyof typeof catalog | 'Runtime', string>>> = {
  Requests: `If the client disconnected, the request counts with the status that was sent, or with 499 (class \`4xx\`) if none was. Input
that is refused before it is a request (400, 408, 431) is not counted. Bytes of bodies are counted before any transfer coding; in
an app of your own, the \`Content-Length\` is counted for bodies whose size the app does not report.`,
  Fleet:
    'Read from `METRICS:<host>:total` and `METRICS:<host>:by_method`; absent while the store is unavailable.',
  Limits:
    'Bans in force, connections cut off, pressure and the two families `reliw_limits_shared` and `reliw_limits_fallbacks_total` require `@reliw/limits`.',
  Upstreams:
    'Circuits, origins and connections are shown for upstreams that were used in the last ten minutes.',
  TLS: 'Only if the server itself terminates TLS.',
  Runtime:
    'From Node.js and the operating system. Some families that begin with `process_` exist on Linux only.'
}

/** The whole document. */
export function metricsDocs(): string {
  const parts = Object.entries(catalog) as [keyof typeof catalog, Record<string, Description>][]
  return [
    METRICS_PROSE,
    `## Labels\n\n${markdownTable(
      ['Label', 'Families', 'Values'],
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
  const titles = ['Name', 'Type', 'Labels', 'Merged by', 'Meaning']
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
