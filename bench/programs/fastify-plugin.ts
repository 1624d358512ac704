/**
 * `node fastify-plugin.ts PORT PATH FILE FOLDER [PLUGIN]`: answers one route with an HTML file. With the name of a RELIW
 * plugin, that plugin is registered, and has nothing to say about the route; a store it needs is in the folder.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { holdTickObject } from '@reliw/http/hold-tick-object'

holdTickObject()
const { default: Fastify } = await import('fastify')

const [port, path = '', file = '', folder = '', plugin = ''] = process.argv.slice(2)
const body = readFileSync(file)
const app = Fastify({ logger: false })

const REGISTER: Record<string, () => Promise<unknown>> = {
  limits: async () => app.register((await import('@reliw/limits')).limits),
  waf: async () => {
    const rules = { query: ['<script', 'union%s+select'], headers: { 'user-agent': ['sqlmap'] } }
    await app.register((await import('@reliw/waf')).waf, { rules })
  },
  auth: async () => app.register((await import('@reliw/auth')).auth, { users: {} }),
  'upstream-proxy': async () => {
    const upstreams = { 'other.example': { target: 'http://127.0.0.1:1' } }
    await app.register((await import('@reliw/upstream-proxy')).upstreamProxy, { upstreams })
  },
  'content-store': async () => {
    const { openStore } = await import('@reliw/store')
    const store = await openStore({ dir: join(folder, 'store') }, app.log)
    await app.register((await import('@reliw/content-store')).contentStore, {
      store,
      data_dir: folder
    })
  },
  metrics: async () => {
    const { metrics } = await import('@reliw/metrics')
    await app.register(metrics, { port: 0, is_site: () => true })
  }
}

await REGISTER[plugin]?.()
app.get(path, (_request, reply) => reply.type('text/html').send(body))
await app.listen({ host: '127.0.0.1', port: Number(port) })
