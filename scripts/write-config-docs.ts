/** Writes docs/config.md from the config's schema: `npm run schema`. */
import { writeFile } from 'node:fs/promises'
import { toJsonSchema } from '@reliw/options'
import { Config } from 'reliw'
import { variablesOf } from '../apps/reliw/src/environment/variables.ts'
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

Every key has a variable as well: see [Environment variables](#environment-variables). A container needs no file.
Where a key is set in several places, the first of these counts:

1. an option of the command line: \`--ip\`, \`--port\`, \`--metrics-port\`
2. its variable, \`RELIW_…\`
3. for \`port\` and \`ip\` of \`reliw serve\`: \`PORT\` and \`HOST\`
4. the file
5. the default

A _duration_ is a number of seconds, or \`"500ms"\`, \`"30s"\`, \`"5m"\`, \`"2h"\`, \`"1d"\`. A _size_ is a number of
bytes, or \`"64KiB"\`, \`"5MiB"\` (1024), \`"10kB"\`, \`"5MB"\` (1000).
`
const VARIABLES = `## Environment variables

The variable of a key is \`RELIW_\`, then the key in upper case, with two underscores between levels: \`metrics.port\` is
\`RELIW_METRICS__PORT\`. All of them are in the table below.

- A value is text, a number, \`true\` or \`false\`, whichever the key takes: \`RELIW_LOG_LEVEL=warn\`, \`RELIW_BACKLOG=512\`,
  \`RELIW_MAX_BODY_SIZE=20MiB\`.
- The items of a list are separated by commas: \`RELIW_TRUSTED_PROXIES=10.0.0.0/8,127.0.0.1\`.
- A value that begins with \`[\`, \`{\` or \`"\` is JSON, for lists of objects, maps, and texts that begin with one of these
  characters: \`RELIW_REDIS__SENTINELS='[{"host": "sentinel-1"}]'\`. Lists and maps are set as a whole, and so is an object
  whose variable is set; variables of its keys then change that object.
- An empty variable counts as not set.
- A variable that begins with \`RELIW_\` and is none of these is an error that names the nearest one.
  \`RELIW_CONFIG_FILE\` is the config file. Variables that Kubernetes sets for a service named \`reliw\`
  (\`RELIW_SERVICE_HOST\`, \`RELIW_PORT=tcp://…\`) are ignored.

All commands read these variables, so that \`reliw import\` finds the same store. \`PORT\` and \`HOST\`, which many platforms
set, are read by \`reliw serve\` and \`reliw check\`; \`HOST\` is an IP address or \`localhost\`. The line \`started\` of the log
names the variables and options that set something in \`overrides\`, without their values.

`
const VARIABLE_TITLES: [string, string] = ['Variable', 'Key']
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
    ...sections.map(([key, schema]) => section(key, schema)),
    VARIABLES + variableTable()
  ].join('\n')
}

/** Writes the document and says so. */
export async function writeConfigDocs(): Promise<void> {
  const target = new URL('../docs/config.md', import.meta.url)
  await writeFile(target, configDocs())
  console.log(`wrote ${target.pathname}`)
}

function variableTable(): string {
  const rows = Array.from(variablesOf(Config), ([name, path]): [string, string] => [
    `\`${name}\``,
    `\`${path.join('.')}\``
  ])
  return markdownTable(VARIABLE_TITLES, rows)
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
