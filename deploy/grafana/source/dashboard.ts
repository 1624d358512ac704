/**
 * Makes a dashboard of a short description, in the form that Grafana imports: its classic dashboard model. What fields
 * there are: `kinds/dashboard/dashboard_kind.cue` in Grafana's repository.
 */

/** A panel of a dashboard. */
export interface Panel {
  readonly title: string
  /** Explanation of the panel for new readers. */
  readonly description: string
  /** One of Grafana's units: `reqps`, `percentunit`, `s`, `bytes`, `Bps`, `short`, … */
  readonly unit: string
  /** Expression, and the legend of its series. */
  readonly queries: readonly (readonly [expr: string, legend: string])[]
  /** `graph` (default), `stack` for values that add up, or `number`: the last value. */
  readonly kind?: 'graph' | 'stack' | 'number'
  /** Columns, of 24; default 8. */
  readonly width?: number
  /** Thresholds of a number: red below the first, green from the second on. */
  readonly good?: readonly [bad: number, good: number]
  /** Texts shown instead of values: `0`: `closed`. */
  readonly names?: Readonly<Record<string, string>>
}

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

export interface Dashboard {
  /** Name of the file, and part of the `uid`. Never change it: links and updates rely on it. */
  readonly name: string
  readonly title: string
  readonly description: string
  /** Variables besides data source and job. */
  readonly variables: readonly (keyof typeof QUERIES)[]
  readonly rows: readonly Row[]
}

/** That of Grafana 12: `LATEST_VERSION` in its `apps/dashboard/pkg/migration/schemaversion`. Later ones convert it. */
export const SCHEMA_VERSION = 42
const COLUMNS = 24
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' }
const QUERIES = {
  job: 'label_values(reliw_build_info, job)',
  host: 'label_values(reliw_request_duration_seconds_count{job=~"$job"}, host)',
  upstream: 'label_values(reliw_upstream_circuit_state{job=~"$job"}, upstream)'
}

/** The dashboard as JSON. */
export function render({ name, title, description, variables, rows }: Dashboard): object {
  return {
    uid: `reliw-${name}`,
    title,
    description,
    tags: ['reliw'],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'browser',
    annotations: { list: [alerts()] },
    links: [otherDashboards()],
    templating: { list: [dataSources(), ...(['job', ...variables] as const).map(variable)] },
    panels: place(rows)
  }
}

/** Rows below one another; the panels of a row from left to right, in as many lines as it takes. */
function place(rows: readonly Row[]): object[] {
  const placed: object[] = []
  let y = 0
  for (const { title, panels } of rows) {
    placed.push(rowOf(title, placed.length + 1, y++))
    let x = 0
    let height = 0
    for (const panel of panels) {
      const w = panel.width ?? 8
      const h = panel.kind === 'number' ? 4 : 8
      if (x + w > COLUMNS) {
        x = 0
        y += height
        height = 0
      }
      placed.push(panelOf(panel, placed.length + 1, { h, w, x, y }))
      height = Math.max(height, h)
      x += w
    }
    y += height
  }
  return placed
}

function rowOf(title: string, id: number, y: number): object {
  return {
    id,
    type: 'row',
    title,
    collapsed: false,
    gridPos: { h: 1, w: COLUMNS, x: 0, y },
    panels: []
  }
}

function panelOf(panel: Panel, id: number, gridPos: object): object {
  const { title, description, queries, kind = 'graph' } = panel
  const isNumber = kind === 'number'
  return {
    id,
    type: isNumber ? 'stat' : 'timeseries',
    title,
    description,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: {
      defaults: isNumber ? numberDefaults(panel) : graphDefaults(panel),
      overrides: []
    },
    options: isNumber ? NUMBER_OPTIONS : GRAPH_OPTIONS,
    targets: queries.map(([expr, legendFormat], at) => ({
      refId: 'ABCDEFGH'.charAt(at),
      datasource: DATASOURCE,
      editorMode: 'code',
      expr,
      legendFormat,
      instant: isNumber,
      range: !isNumber
    }))
  }
}

const NUMBER_OPTIONS = {
  colorMode: 'value',
  graphMode: 'none',
  justifyMode: 'auto',
  orientation: 'auto',
  reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
  textMode: 'auto'
}

const GRAPH_OPTIONS = {
  legend: { calcs: [], displayMode: 'list', placement: 'bottom', showLegend: true },
  tooltip: { mode: 'multi', sort: 'desc' }
}

function numberDefaults({ unit, good, names }: Panel): object {
  const steps =
    good === undefined
      ? [{ color: 'text', value: null }]
      : [
          { color: 'red', value: null },
          { color: 'yellow', value: good[0] },
          { color: 'green', value: good[1] }
        ]
  return { unit, mappings: mappings(names), thresholds: { mode: 'absolute', steps } }
}

function graphDefaults({ unit, kind, names }: Panel): object {
  const isStack = kind === 'stack'
  return {
    unit,
    min: 0,
    mappings: mappings(names),
    custom: {
      drawStyle: 'line',
      fillOpacity: isStack ? 30 : 0,
      lineWidth: 1,
      showPoints: 'auto',
      stacking: { group: 'A', mode: isStack ? 'normal' : 'none' }
    }
  }
}

function mappings(names: Panel['names']): object[] {
  if (names === undefined) return []
  const options = Object.entries(names).map(([value, text], index) => [value, { index, text }])
  return [{ type: 'value', options: Object.fromEntries(options) as object }]
}

function dataSources(): object {
  return {
    type: 'datasource',
    name: 'datasource',
    label: 'Data source',
    query: 'prometheus',
    hide: 0,
    includeAll: false,
    multi: false,
    refresh: 1,
    regex: ''
  }
}

function variable(name: keyof typeof QUERIES): object {
  return {
    type: 'query',
    name,
    label: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    datasource: DATASOURCE,
    definition: QUERIES[name],
    query: { query: QUERIES[name], refId: 'StandardVariableQuery' },
    hide: 0,
    includeAll: true,
    allValue: '.+',
    multi: true,
    current: { text: ['All'], value: ['$__all'] },
    refresh: 2,
    regex: '',
    sort: 1
  }
}

/** Alerts that fire are marked in all graphs. */
function alerts(): object {
  return {
    name: 'Alerts',
    datasource: DATASOURCE,
    enable: true,
    hide: false,
    iconColor: 'red',
    expr: 'ALERTS{alertname=~"Reliw.*", alertstate="firing", job=~"$job"}',
    titleFormat: '{{alertname}}',
    textFormat: '{{host}} {{upstream}} {{instance}}',
    step: '60s'
  }
}

function otherDashboards(): object {
  return {
    type: 'dashboards',
    title: 'RELIW',
    tags: ['reliw'],
    asDropdown: true,
    icon: 'external link',
    includeVars: true,
    keepTime: true,
    targetBlank: false,
    tooltip: '',
    url: ''
  }
}
