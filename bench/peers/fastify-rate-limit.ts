import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageVersion } from '../harness/package-version.ts'
import type { Peer } from '../harness/peer.ts'

/** How the requests for a page are limited. */
export interface FastifyLimit {
  /** Requests of one address in a day. */
  max: number
  /** The port of the Redis that counts them; without it the process does. */
  redis?: number
}

/** Fastify with one route for an HTML page and, with a limit, @fastify/rate-limit before it; without a log. */
export function fastifyRateLimit(name: string, body: Buffer, limit?: FastifyLimit): Peer {
  return {
    name,
    version: version(limit),
    prepare({ dir, port, path }) {
      const page = join(dir, 'page.html')
      writeFileSync(page, body)
      const program = join(import.meta.dirname, '../programs/fastify-rate-limit.ts')
      const limits = limit === undefined ? [] : [limit.max, limit.redis ?? []].flat().map(String)
      return { command: [process.execPath, program, String(port), path, page, ...limits] }
    }
  }
}

function version(limit: FastifyLimit | undefined): string {
  const fastify = packageVersion('fastify')
  if (limit === undefined) return fastify
  const plugin = `${packageVersion('@fastify/rate-limit')} on Fastify ${fastify}`
  return limit.redis === undefined ? plugin : `${plugin}, ioredis ${packageVersion('ioredis')}`
}
