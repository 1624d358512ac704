import { join } from 'node:path'
import { freePort, tempDir } from '@reliw/testing'
import type { Config } from 'reliw'
import type { Group } from '../../harness/groups.ts'
import type { Peer } from '../../harness/peer.ts'
import { writeSites } from '../../harness/sites.ts'
import { fastifyMetrics } from '../../peers/fastify-metrics.ts'
import { reliw } from '../../peers/reliw.ts'

/** A server, and where it shows what it did. */
export interface WatchedPeer extends Peer {
  /** The port of its metrics, if it has any; absent when it is the server's own. */
  metricsPort?: number
  /** Its access log, empty or not; absent when it can have none. */
  log?: string
}

export interface WatchedGroup extends Group {
  peers: readonly WatchedPeer[]
}

interface Variant {
  name: string
  hasMetrics: boolean
  hasLog: boolean
}

export const HOST = 'bench.example'
export const PATH = '/page.html'
export const NOTHING = 'nothing'
export const EVERYTHING = 'metrics and log'

/** What is measured of RELIW. The first is the base. */
const VARIANTS: readonly Variant[] = [
  { name: NOTHING, hasMetrics: false, hasLog: false },
  { name: 'log', hasMetrics: false, hasLog: true },
  { name: 'metrics', hasMetrics: true, hasLog: false },
  { name: EVERYTHING, hasMetrics: true, hasLog: true }
]

/** All servers, with the page that they serve. */
export async function groupsOf(body: Buffer): Promise<WatchedGroup[]> {
  const ours = VARIANTS.map((variant) => reliwWith(body, variant))
  return [
    { title: 'reliw serve', peers: await Promise.all(ours) },
    { title: 'For information: Fastify', peers: await fastifyPeers(body) }
  ]
}

async function reliwWith(
  body: Buffer,
  { name, hasMetrics, hasLog }: Variant
): Promise<WatchedPeer> {
  const store = { dir: join(tempDir(), 'store') }
  const site = {
    host: HOST,
    routes: [['^/', 'page']] as const,
    entries: { page: { methods: { GET: true } } },
    files: { [PATH]: body }
  }
  await writeSites(store, [site])
  const metricsPort = await freePort()
  const log = join(tempDir(), 'access.log')
  const config: Config = {
    store,
    data_dir: tempDir(),
    log_file: log,
    metrics: { port: metricsPort, ...(hasMetrics ? {} : { disabled: true }) },
    ...(hasLog ? {} : { log_level: 'warn' })
  }
  return { ...reliw(name, config), metricsPort, log }
}

async function fastifyPeers(body: Buffer): Promise<WatchedPeer[]> {
  const [theirs, ours] = ['fastify-metrics', '@reliw/metrics'] as const
  const metricsPort = await freePort()
  return [
    fastifyMetrics('fastify', body),
    fastifyMetrics(theirs, body, { plugin: theirs }),
    { ...fastifyMetrics(ours, body, { plugin: ours, metricsPort }), metricsPort }
  ]
}
