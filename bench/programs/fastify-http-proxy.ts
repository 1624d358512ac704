/** `node fastify-http-proxy.ts PORT ORIGIN`: forwards everything with @fastify/http-proxy's defaults. */
import httpProxy from '@fastify/http-proxy'
import Fastify from 'fastify'

const [port, origin] = process.argv.slice(2)
const app = Fastify({ logger: false })
await app.register(httpProxy, { upstream: `http://127.0.0.1:${origin}` })
await app.listen({ host: '127.0.0.1', port: Number(port) })
