/** Writes docs/config.md from the config's schema: `npm run schema`. */
import { writeFile } from 'node:fs/promises'
import { toJsonSchema } from '@reliw/options'
import { Config } from 'reliw'
import { markdownTable } from './markdown-table.ts'

/** The part of JSON Schema that describes the config. */
interface Schema {
  type?: string
  description?: string
  default?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  items?: Schema
  pattern?: string
  minimum?: number
  maximum?: number
  properties?: Record<string, Schema>
  additionalProperties?: Schema | false
}

type Row = [key: string, takes: string, fallback: string, meaning: string]

const INTRODUCTION = `# The config file

<!-- Written by scripts/write-config-docs.ts from the schema: change the schema, run \`npm run schema\`. -->

\`reliw serve\` takes the file that \`--config\` names, else \`$RELIW_CONFIG_FILE\`, else \`./reliw.json\`, else
\`/etc/reliw/config.json\`, else the defaults. It is JSON; its schema, for editors, is \`apps/reliw/config.schema.json\`.
Paths are relative to the directory in which the server is started. A change takes effect at the
next start. Data of sites is not in this file but in the store, where a change takes effect at the next request.

An unknown key is an error, and the nearest known one is named. \`reliw check\` lists all errors.

A _duration_ is a number of seconds, or \`"500ms"\`, \`"30s"\`, \`"5m"\`, \`"2h"\`, \`"1d"\`. A _size_ is a number of
bytes, or \`"64KiB"\`, \`"5MiB"\` (1024), \`"10kB"\`, \`"5MB"\` (1000).
`
const TITLES: Row = ['Key', 'Takes', 'Default', 'Meaning']
const UNBOUNDED = Number.MAX_SAFE_INTEGER
/** Longer defaults are cut: the schema has them. */
const LONGEST_DEFAULT = 48

/** The whole document. */
export function configDocs(): string {
  const { properties = {} } = toJsonSchema(Config) as Schema
  const entries = Object.entries(properties)
  const plain = entries.filter(([, schema]) => fieldsOf(schema).length === 0)
  const sections = entries.filter(([, schema]) => fieldsOf(schema).length > 0)
  return [
    INTRODUCTION,
    markdownTable(
      TITLES,
      plain.flatMap(([key, schema]) => rowsOf(key, schema))
    ),
    ...sections.map(([key, schema]) => section(key, schema))
  ].join('\n')
}

/** Writes the document and says so. */
export async function writeConfigDocs(): Promise<void> {
  const target = new URL('../docs/config.md', import.meta.url)
  await writeFile(target, configDocs())
  console.log(`wrote ${target.pathname}`)
}

function section(key: string, schema: Schema): string {
  const rows = fieldsOf(schema).flatMap(([name, field]) => rowsOf(`${key}.${name}`, field))
  return `## ${key}\n\n${schema.description ?? ''}\n\n${markdownTable(TITLES, rows)}`
}

/** A key's row and those of the keys below it. */
function rowsOf(key: string, schema: Schema): Row[] {
  const below = schema.items ? `${key}[]` : key
  const meaning = schema.description?.replaceAll('<', String.raw`\<`) ?? ''
  const own: Row = [`\`${key}\``, takes(schema), fallback(schema), meaning]
  return [own, ...fieldsOf(schema).flatMap(([name, field]) => rowsOf(`${below}.${name}`, field))]
}

function fieldsOf(schema: Schema): [string, Schema][] {
  const { properties, items, anyOf = [], additionalProperties } = schema
  if (properties) return Object.entries(properties)
  if (items) return fieldsOf(items)
  if (additionalProperties) return [['<name>', additionalProperties]]
  return anyOf.flatMap(fieldsOf)
}

function takes({ type, enum: values, anyOf, items, ...schema }: Schema): string {
  if (values) return values.map((value) => `\`${JSON.stringify(value)}\``).join(' ')
  const pattern = anyOf?.find((one) => one.pattern)?.pattern ?? ''
  if (pattern.includes('smhd')) return 'duration'
  if (pattern.includes('KMGT')) return 'size'
  if (anyOf) return [...new Set(anyOf.map(takes))].join(' or ')
  if (items) return `list of ${takes(items)}s`
  return type === 'integer' ? `integer${rangeOf(schema)}` : (type ?? 'any')
}

function rangeOf({ minimum = 0, maximum = UNBOUNDED }: Schema): string {
  return maximum === UNBOUNDED ? ` from ${minimum}` : ` ${minimum}–${maximum}`
}

function fallback(schema: Schema): string {
  if (schema.default === undefined || fieldsOf(schema).length > 0) return ''
  const text = JSON.stringify(schema.default)
  return `\`${text.length > LONGEST_DEFAULT ? `${text.slice(0, text.indexOf(','))}, …]` : text}\``
}

if (import.meta.main) await writeConfigDocs()
