/** Writes the generated files: the JSON Schema of the config, docs/config.md and docs/metrics.md. */
import { writeFile } from 'node:fs/promises'
import { toJsonSchema } from '@reliw/options'
import { Config } from 'reliw'
import { writeConfigDocs } from './write-config-docs.ts'
import { writeMetricsDocs } from './write-metrics-docs.ts'

const target = new URL('../apps/reliw/config.schema.json', import.meta.url)
await writeFile(target, `${JSON.stringify(toJsonSchema(Config), null, 2)}\n`)
console.log(`wrote ${target.pathname}`)
await writeConfigDocs()
await writeMetricsDocs()
