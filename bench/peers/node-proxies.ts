import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Peer } from '../harness/peer.ts'

/** One process with the plugin's defaults, without a log, that forwards to an origin. */
export function fastifyHttpProxy(origin: number): Peer {
  const packages = ['@fastify/http-proxy', 'fastify']
  return nodeProxy('@fastify/http-proxy', 'fastify-http-proxy', packages, origin)
}

/** Kept connections, and else the defaults. */
export function httpProxy(origin: number): Peer {
  return nodeProxy('http-proxy', 'http-proxy', ['http-proxy'], origin)
}

/** For information: the plugin that @fastify/http-proxy is built on. */
export function replyFrom(origin: number): Peer {
  const packages = ['@fastify/reply-from', 'fastify']
  return nodeProxy('@fastify/reply-from', 'fastify-reply-from', packages, origin)
}

/** For information: undici's dispatch straight to a response of node:http. */
export function undiciDispatch(origin: number): Peer {
  return nodeProxy('undici, bare', 'undici-dispatch', ['undici'], origin)
}

function nodeProxy(
  name: string,
  program: string,
  packages: readonly string[],
  origin: number
): Peer {
  return {
    name,
    version: packages.map(versionOf).join(' on Fastify '),
    prepare({ port }) {
      const file = join(import.meta.dirname, `../programs/${program}.ts`)
      return { command: [process.execPath, file, String(port), String(origin)] }
    }
  }
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url)
  return (require(`${name}/package.json`) as { version: string }).version
}
