import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tempDir } from '@reliw/testing'
import t from 'tap'
import { render, SCHEMA_VERSION } from '../deploy/grafana/source/dashboard.ts'
import { dashboards } from '../deploy/grafana/source/index.ts'
import { checkUses, knownMetrics, labelsOfResult } from './deploy-metrics.ts'
import { readRules } from './deploy-rules.ts'

/** What these tests look at; the shape as a whole is checked below. */
interface Dashboard {
  uid: string
  panels: Panel[]
  templating: { list: { name: string; definition?: string }[] }
  annotations: { list: { expr: string }[] }
}
interface Panel {
  id: number
  type: string
  gridPos: { h: number; w: number; x: number; y: number }
  targets?: { refId: string; expr: string; legendFormat: string }[]
}

const folder = fileURLToPath(new URL('../deploy/grafana', import.meta.url))
const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
const metrics = await knownMetrics(readRules('recording'))

const read = (file: string): Dashboard =>
  JSON.parse(readFileSync(join(folder, file), 'utf8')) as Dashboard
const targetsOf = ({ panels }: Dashboard) => panels.flatMap(({ targets = [] }) => targets)

t.test('dashboards are generated from their source', async (t) => {
  t.same(
    files,
    dashboards.map(({ name }) => `${name}.json`)
  )
  for (const dashboard of dashboards) {
    const made: unknown = JSON.parse(JSON.stringify(render(dashboard)))
    t.strictSame(read(`${dashboard.name}.json`), made, 'run deploy/grafana/source/write.ts')
  }
})

for (const file of files) {
  const dashboard = read(file)

  t.test(`queries of ${file} name metrics that exist, and labels that these have`, async (t) => {
    for (const { expr, legendFormat } of targetsOf(dashboard)) {
      checkUses(t, expr, metrics)
      const labels = labelsOfResult(expr, metrics)
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        t.ok(labels.has(label), `${label} of ${expr}`)
      }
    }
    for (const { expr } of dashboard.annotations.list) checkUses(t, expr, metrics)
    for (const { definition = '' } of dashboard.templating.list.slice(1)) {
      const [, metric = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition) ?? []
      checkUses(t, metric, metrics)
      t.ok(labelsOfResult(metric, metrics).has(label), definition)
    }
  })

  t.test(`variables in queries of ${file} are variables of it`, async (t) => {
    const names = dashboard.templating.list.map(({ name }) => name)
    const text = JSON.stringify([dashboard.panels, dashboard.annotations])
    for (const [, name = ''] of text.matchAll(/\$\{?(\w+)/g)) {
      if (!name.startsWith('__')) t.ok(names.includes(name), name)
    }
    for (const name of names) t.match(text, new RegExp(`\\$\\{?${name}\\b`), `${name} is used`)
  })

  t.test(
    `http_requests_total of ${file} is not added up over servers, which show the same`,
    async (t) => {
      for (const { expr } of targetsOf(dashboard)) {
        if (/http_requests_/.test(expr)) t.match(expr, /max by \(job, host, \w+\) \(rate\(http/)
      }
    }
  )

  // The fields that are required, and what they may be, are those of Grafana's kinds/dashboard/dashboard_kind.cue; the
  // length of a uid is that of its pkg/util/shortid_generator.go.
  t.test(`Grafana can import ${file}`, async (t) => {
    const datasource = { type: 'prometheus', uid: '${datasource}' }
    t.match(dashboard, {
      uid: /^[\w-]{1,40}$/,
      title: /\w/,
      description: /\w/,
      tags: ['reliw'],
      schemaVersion: SCHEMA_VERSION,
      version: Number,
      editable: Boolean,
      graphTooltip: 1,
      time: { from: /^now/, to: 'now' },
      timezone: 'browser',
      refresh: /^\d+m$/
    })
    t.notOk('id' in dashboard, 'it gets one where it is imported')
    for (const variable of dashboard.templating.list) {
      t.match(variable, { type: /^(datasource|query)$/, name: /^\w+$/, hide: 0, multi: Boolean })
    }
    t.match(dashboard.templating.list[0], { type: 'datasource', query: 'prometheus' })
    t.match(dashboard.templating.list.slice(1), {
      every: Function,
      [0]: { datasource, name: 'job' }
    })
    for (const panel of dashboard.panels) {
      t.match(panel, { id: Number, title: /\w/, type: /^(row|stat|timeseries)$/ })
      if (panel.type === 'row') t.match(panel, { collapsed: false, panels: [] })
      else t.match(panel, panelShape(datasource))
      t.not(panel.targets?.length, 0)
      for (const target of panel.targets ?? []) {
        t.match(target, { refId: /^[A-H]$/, datasource, expr: /\w/, legendFormat: String })
      }
      t.equal(sizeOf(panel.targets?.map(({ refId }) => refId)), panel.targets?.length ?? 0)
    }
    t.equal(sizeOf(dashboard.panels.map(({ id }) => id)), dashboard.panels.length, 'unique ids')
  })

  t.test(`panels of ${file} lie beside one another in 24 columns`, async (t) => {
    const taken = new Set<string>()
    for (const { gridPos } of dashboard.panels) {
      const { h, w, x, y } = gridPos
      t.ok(h > 0 && w > 0 && x >= 0 && y >= 0 && x + w <= 24, JSON.stringify(gridPos))
      for (let row = y; row < y + h; row++) {
        for (let column = x; column < x + w; column++) {
          t.notOk(taken.has(`${row} ${column}`), `${row} ${column} is free`)
          taken.add(`${row} ${column}`)
        }
      }
    }
  })
}

const hasPromtool = spawnSync('promtool', ['--version']).status === 0
const skip = hasPromtool ? false : 'promtool is not installed'
t.test('Prometheus understands every query', { skip }, async (t) => {
  const queries = files.flatMap((file) => targetsOf(read(file)).map(({ expr }) => expr))
  const rules = queries.map((expr) => ({
    record: 'x',
    expr: expr.replaceAll('$__rate_interval', '5m')
  }))
  const file = join(tempDir(t), 'rules.yml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'all', rules: distinct(rules) }] }))
  const { status, stdout, stderr } = spawnSync(
    'promtool',
    ['check', 'rules', '--lint=none', file],
    {
      encoding: 'utf8'
    }
  )
  t.equal(status, 0, stdout + stderr)
})

function panelShape(datasource: object): object {
  return {
    description: /\w/,
    datasource,
    fieldConfig: { defaults: { unit: /\w/, mappings: Array }, overrides: [] },
    options: Object,
    gridPos: Object
  }
}

/** Each with a name of its own. */
function distinct<T extends { record: string }>(rules: T[]): T[] {
  return rules.map((rule, at) => ({ ...rule, record: `query:${at}` }))
}

function sizeOf(values: readonly unknown[] = []): number {
  return new Set(values).size
}
