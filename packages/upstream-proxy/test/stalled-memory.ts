// A proxy in a process of its own, with a small heap. What it is asked, and what it tells, goes by IPC: see
// stalled-clients.test.ts.

import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import fastify from 'fastify'
import { upstreamProxy } from '../src/index.ts'

const [, , target = '', http2 = ''] = process.argv
const upstream = {
  target,
  tls_no_verify: true,
  retry: false as const,
  max_body_size: '100MiB',
  timeouts: { idle: '10m', headers: '10m', total: '10m' },
  connections: 1000
}
const options = { upstreams: { 'shop.test': upstream } }

const sockets: Socket[] = []
for (const name of ['net.client.socket', 'net.server.socket']) {
  subscribe(name, (message) => void sockets.push((message as { socket: Socket }).socket))
}

async function start(): Promise<number> {
  // Plugins are typed for node:http.
  const app = fastify(http2 === '' ? {} : ({ http2: true } as object))
  await app.register(upstreamProxy, options)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  process.on('message', () => void tell())
  return Number(new URL(url).port)
}

/** What is held now, and what was read so far, in bytes. */
async function tell(): Promise<void> {
  for (let rounds = 0; rounds < 4; rounds++) {
    globalThis.gc?.()
    await turn()
  }
  const { heapUsed, external } = process.memoryUsage()
  const read = sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0)
  process.send?.({ held: heapUsed + external, read })
}

process.once('disconnect', () => process.exit())
process.send?.({ port: await start() })
