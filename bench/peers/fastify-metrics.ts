import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageVersion } from '../harness/package-version.ts'
import type { Peer } from '../harness/peer.ts'
import { reliwVersion } from './reliw.ts'

/** What measures the requests for a page; @reliw/metrics shows it on a port of its own. */
export type MetricsPlugin =
  | { plugin: 'fastify-metrics' }
  | { plugin: '@reliw/metrics'; metricsPort: number }

/** Fastify with one route for an HTML page and, by a plugin's defaults, metrics of it; without a log. */
export function fastifyMetrics(name: string, body: Buffer, by?: MetricsPlugin): Peer {
  return {
    name,
    version: version(by),
    prepare({ dir, port, path }) {
      const page = join(dir, 'page.html')
      writeFileSync(page, body)
      const program = join(import.meta.dirname, '../programs/fastify-metrics.ts')
      const node = [process.execPath, '--conditions=@reliw/source']
      const metrics = by === undefined ? [] : Object.values(by).map(String)
      return { command: [...node, program, String(port), path, page, ...metrics] }
    }
  }
}

function version(by: MetricsPlugin | undefined): string {
  const fastify = packageVersion('fastify')
  if (by === undefined) return fastify
  const plugin = by.plugin === '@reliw/metrics' ? reliwVersion() : packageVersion(by.plugin)
  return `${plugin} on Fastify ${fastify}`
}
