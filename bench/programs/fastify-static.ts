/** `node fastify-static.ts PORT FOLDER`: serves a folder with @fastify/static's defaults. */
import fastifyStatic from '@fastify/static'
import Fastify from 'fastify'

const [port, root = ''] = process.argv.slice(2)
const app = Fastify({ logger: false })
await app.register(fastifyStatic, { root })
await app.listen({ host: '127.0.0.1', port: Number(port) })
