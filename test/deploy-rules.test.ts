import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { checkUses, knownMetrics, labelsOfResult } from './deploy-metrics.ts'
import { readRules } from './deploy-rules.ts'

// An hour of rules takes a while where much else is running.
const folder = fileURLToPath(new URL('../deploy/prometheus', import.meta.url))
const tests = readdirSync(join(folder, 'tests'))
const recorded = readRules('recording')
const alerts = readRules('alerts')
const metrics = await knownMetrics(recorded)

const hasPromtool = spawnSync('promtool', ['--version']).status === 0
const skip = hasPromtool ? false : 'promtool is not installed'

t.test('rules name metrics that exist, and labels that these have', async (t) => {
  for (const { expr } of [...recorded, ...alerts]) checkUses(t, expr, metrics)
})

t.test('what is recorded has the labels that its name says', async (t) => {
  for (const { name, expr } of recorded) {
    const labels = [...labelsOfResult(expr, metrics)]
    t.same(new Set(metrics.get(name)), new Set(labels), name)
  }
})

t.test('alerts have a severity, a summary and a place', async (t) => {
  t.not(alerts.length, 0)
  for (const { name, expr, severity, summary, description } of alerts) {
    t.match(name, /^Reliw[A-Z]\w+$/)
    t.match(severity, /^(critical|warning)$/, name)
    t.match(summary, /\w/, name)
    t.match(description, /\(job \{\{ \$labels\.job \}\}/, name)
    const labels = labelsOfResult(expr, metrics)
    for (const [, label = ''] of `${summary}${description}`.matchAll(/\$labels\.(\w+)/g)) {
      t.ok(labels.has(label), `${label} of ${name}`)
    }
  }
})

t.test('metrics that are the same on all servers are never summed', async (t) => {
  const files = ['rules/recording.yml', 'rules/alerts.yml'].map((file) => join(folder, file))
  for (const file of files) t.notMatch(readFileSync(file, 'utf8'), /sum[^(]*\(rate\(http_requests/)
})

t.test('each alert fires in a test', async (t) => {
  const expected = tests.map((file) => readFileSync(join(folder, 'tests', file), 'utf8')).join()
  for (const { name, severity } of alerts) {
    t.match(
      expected,
      `labels: '{alertname="${name}", severity="${severity}"`,
      `${name} ${severity}`
    )
  }
})

t.test('Prometheus takes the configuration and its rules', { skip }, async (t) => {
  const { status, stderr } = spawnSync(
    'promtool',
    ['check', 'config', '--lint-fatal', 'prometheus.yml'],
    { cwd: folder, encoding: 'utf8' }
  )
  t.equal(status, 0, stderr)
})

for (const file of tests) {
  t.test(`rules do what tests/${file} says`, { skip }, async (t) => {
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], {
      cwd: join(folder, 'tests'),
      encoding: 'utf8'
    })
    t.equal(status, 0, stdout + stderr)
  })
}
