/**
 * `node fastify-metrics.ts PORT PATH FILE [PLUGIN [METRICS-PORT]]`: answers one route with an HTML file. With a
 * plugin, every request is measured: by fastify-metrics, which shows what it found on the same port, or by
 * @reliw/metrics, which has a port of its own for that.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import Fastify, { type FastifyInstance, type FastifyPluginCallback } from 'fastify'

const [port, path = '', file = '', plugin, metricsPort] = process.argv.slice(2)
const body = readFileSync(file)
const app = Fastify({ logger: false })
if (plugin === 'fastify-metrics') await app.register(fastifyMetrics())
if (plugin === '@reliw/metrics') await addReliwMetrics(app, Number(metricsPort))
app.get(path, (_request, reply) => reply.type('text/html').send(body))
await app.listen({ host: '127.0.0.1', port: Number(port) })

/** Without its types: both plugins say what `app.metrics` is. */
function fastifyMetrics(): FastifyPluginCallback {
  return createRequire(import.meta.url)('fastify-metrics') as FastifyPluginCallback
}

/** There is one site, and its name is known. */
async function addReliwMetrics(to: FastifyInstance, listenOn: number): Promise<void> {
  const { metrics } = await import('@reliw/metrics')
  await to.register(metrics, { port: listenOn, is_site: () => true })
  await to.metrics.listen()
}
