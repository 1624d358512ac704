import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Peer } from '../harness/peer.ts'

/** Fastify with @fastify/static and its defaults, without a log. */
export function fastifyStatic(root: string): Peer {
  return {
    name: '@fastify/static',
    version: version(),
    prepare({ port }) {
      const program = join(import.meta.dirname, '../programs/fastify-static.ts')
      return { command: [process.execPath, program, String(port), root] }
    }
  }
}

function version(): string {
  const require = createRequire(import.meta.url)
  const { version: own } = require('@fastify/static/package.json') as { version: string }
  const { version: fastify } = require('fastify/package.json') as { version: string }
  return `${own} on Fastify ${fastify}`
}
