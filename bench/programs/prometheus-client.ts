/**
 * `node prometheus-client.ts PORT PATH FILE HOSTS`: answers one route with an HTML file, and /metrics with what
 * @prometheus-io/client holds: the families that RELIW has of hosts, for so many of them, and what it knows
 * of the process.
 */
import { readFileSync } from 'node:fs'
import { collectDefaultMetrics, Counter, Histogram, register } from '@prometheus-io/client'
import { catalog } from '@reliw/metrics'
import Fastify from 'fastify'
import { hostOf } from '../scenarios/scale/many-sites.ts'

/** Labels of a page that was asked for once. */
const LABELS: Record<string, string> = { method: 'GET', class: '2xx', code: '200', kind: 'page' }
/** How long that took, in seconds. */
const SECONDS = 0.0012

const [port, path = '', file = '', hosts] = process.argv.slice(2)
const body = readFileSync(file)
const { Requests: requests, Fleet: fleet } = catalog

const duration = new Histogram({
  ...named(requests.duration),
  buckets: [...(requests.duration.bounds ?? [])]
})
const counters = [requests.received, requests.sent, fleet.total, fleet.byMethod].map(
  (description) => ({ counter: new Counter(named(description)), labels: description.labels })
)
for (let index = 0; index < Number(hosts); index++) {
  duration.observe(labelsFor(index, requests.duration.labels), SECONDS)
  for (const { counter, labels } of counters) counter.inc(labelsFor(index, labels))
}
collectDefaultMetrics()

const app = Fastify({ logger: false })
app.get(path, (_request, reply) => reply.type('text/html').send(body))
app.get('/metrics', async (_request, reply) =>
  reply.type(register.contentType).send(await register.metrics())
)
await app.listen({ host: '127.0.0.1', port: Number(port) })

function named(description: { name: string; help: string; labels: readonly string[] }): {
  name: string
  help: string
  labelNames: string[]
} {
  const { name, help, labels } = description
  return { name, help, labelNames: [...labels] }
}

function labelsFor(index: number, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, LABELS[name] ?? hostOf(index)]))
}
