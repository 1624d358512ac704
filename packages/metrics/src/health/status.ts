import type { Store } from '@reliw/model'
import { readPeers } from '../read-peers.ts'
import type { UpstreamStatus } from '../events/upstream-metrics.ts'
import type { Observed } from '../observed.ts'
import { diskSpace } from './disk-space.ts'

/** State of the process, for people and scripts. Times in seconds, sizes in bytes, shares from 0 to 1. */
export async function statusOf(observed: Observed): Promise<Record<string, unknown>> {
  const { settings, health, requests, errors, connections, tls } = observed
  const { version, store, limits, upstreams, directories, peers } = settings
  const { unready } = health
  const pressure = limits?.()?.pressure
  return {
    status: unready ?? 'ready',
    version,
    uptime: Math.round(process.uptime()),
    workers: 1 + (await readPeers(peers).catch(() => [])).length,
    connections: connections.open,
    in_flight: requests.inFlight,
    recent: errors.recent,
    store: store && storeOf(store),
    upstreams: upstreams?.().map(upstreamOf) ?? [],
    certificates: tls.certificates,
    disk: await diskSpace(directories),
    memory: memoryOf(),
    pressure: pressure && { level: pressure.level, ...pressure.shares }
  }
}

/** Renames fields as in the rest of the document. */
function upstreamOf({ origins, ...upstream }: UpstreamStatus): Record<string, unknown> {
  const named = origins.map(({ inFlight, ...origin }) => ({ ...origin, in_flight: inFlight }))
  return { ...upstream, origins: named }
}

function storeOf({ driver, connected, statistics }: Store): Record<string, unknown> {
  const { bytes, nodes, hits, misses, staleServed } = statistics
  const cache = { kept_bytes: bytes, kept_values: nodes, hits, misses, stale_served: staleServed }
  return { driver: driver.name, connected, ...cache }
}

/**
 * Empty when no descriptor is free, since `process.memoryUsage()` throws then: the status is needed most in that case.
 */
function memoryOf(): Partial<Record<'rss' | 'heap_used' | 'external', number>> {
  try {
    const { rss, heapUsed, external } = process.memoryUsage()
    return { rss, heap_used: heapUsed, external }
  } catch {
    return {}
  }
}
