import { join } from 'node:path'
import { freePort, tempDir } from '@reliw/testing'
import { progress } from '../../harness/rounds.ts'
import type { Peer, Place } from '../../harness/peer.ts'
import { startServer } from '../../harness/server.ts'
import { fastifyHttpProxy } from '../../peers/node-proxies.ts'
import { reliwProxy } from './reliw-proxy.ts'
import { TRANSFERS, type Transfer } from './transfers.ts'

/** What one long body did to a server. */
export interface Streamed {
  peer: string
  transfer: string
  /** In bytes. */
  length: number
  /** How long it took, in microseconds. */
  microseconds: number
  /** CPU time of the server, in microseconds. */
  cpu: number
  /** Resident set size before it, and the highest during it, in bytes. */
  before: number
  highest: number
}

const LENGTH = 1_000_000_000
/** Between two looks at the resident set, in milliseconds. */
const INTERVAL = 100
/** For time limits of reliw that are not what is measured here, in seconds. */
const PATIENCE = 300

/** Sends 1 GB through reliw, and one beside it, for each transfer: through a fresh server. */
export async function measureStreams(host: string): Promise<Streamed[]> {
  const origin = await startServer(streamOrigin(), await newPlace(host), [])
  try {
    const results: Streamed[] = []
    for (const peer of [await ours(host, origin.port), fastifyHttpProxy(origin.port)]) {
      for (const transfer of TRANSFERS) {
        progress(`${peer.name}: ${transfer.name}`)
        results.push(await measureStream(transfer, peer, host))
      }
    }
    return results
  } finally {
    await origin.stop()
  }
}

async function ours(host: string, origin: number): Promise<Peer> {
  const config = { request_body_timeout: PATIENCE, max_body_size: LENGTH }
  const timeouts = { total: PATIENCE, idle: PATIENCE }
  return reliwProxy(host, origin, { upstream: { timeouts, max_body_size: LENGTH }, config })
}

async function measureStream(transfer: Transfer, peer: Peer, host: string): Promise<Streamed> {
  const server = await startServer(peer, await newPlace(host))
  const before = server.usage()
  let highest = before.rss
  const timer = setInterval(() => (highest = Math.max(highest, server.usage().rss)), INTERVAL)
  try {
    const started = performance.now()
    await transfer.run(server, host, LENGTH)
    const microseconds = (performance.now() - started) * 1000
    const { cpu, rss } = server.usage()
    return {
      peer: peer.name,
      transfer: transfer.name,
      length: LENGTH,
      microseconds,
      cpu: cpu - before.cpu,
      before: before.rss,
      highest: Math.max(highest, rss)
    }
  } catch (cause) {
    throw new Error(`${peer.name}, ${transfer.name}: ${(cause as Error).message}`, { cause })
  } finally {
    clearInterval(timer)
    await server.stop()
  }
}

async function newPlace(host: string): Promise<Place> {
  return { dir: tempDir(), port: await freePort(), host, path: '/ready' }
}

function streamOrigin(): Peer {
  const program = join(import.meta.dirname, '../../programs/stream-origin.ts')
  return {
    name: 'origin',
    version: process.versions.node,
    prepare: ({ port }) => ({
      command: [process.execPath, program, String(port), String(LENGTH)]
    })
  }
}
