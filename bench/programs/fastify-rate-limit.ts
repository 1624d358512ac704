/**
 * `node fastify-rate-limit.ts PORT PATH FILE [LIMIT [REDIS-PORT]]`: answers one route with an HTML file. With a
 * limit, @fastify/rate-limit counts each address's requests of a day, in the process or in Redis.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import rateLimit from '@fastify/rate-limit'
import Fastify from 'fastify'
import { Redis } from 'ioredis'

const [port, path = '', file = '', limit, redisPort] = process.argv.slice(2)
const body = readFileSync(file)
const app = Fastify({ logger: false })
if (limit !== undefined) {
  const redis = redisPort === undefined ? undefined : await connect(Number(redisPort))
  await app.register(rateLimit, { max: Number(limit), timeWindow: '1 day', redis })
}
app.get(path, (_request, reply) => reply.type('text/html').send(body))
await app.listen({ host: '127.0.0.1', port: Number(port) })

/** As the plugin's documentation advises; without the queue, requests do not wait for a Redis that is away. */
async function connect(to: number): Promise<Redis> {
  const settings = { connectTimeout: 500, maxRetriesPerRequest: 1, enableOfflineQueue: false }
  const redis = new Redis({ host: '127.0.0.1', port: to, ...settings })
  await once(redis, 'ready')
  return redis
}
