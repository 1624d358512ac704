import { setImmediate } from 'node:timers/promises'
import { type Store, StoreUnavailable } from '@reliw/model'
import { catalog } from '../catalog.ts'
import { type Family, labelsOf, type Sample, single } from '../family.ts'
import { METHODS } from '../requests/labels.ts'

/** Limits on how much of the store a scrape reads. */
export interface FleetBounds {
  /** Keys per step of the scan. */
  scan_count: number
  /** Largest number of hosts. */
  scan_limit: number
}

/** How long the scan for hosts may take, in milliseconds: a scrape has a few seconds. */
const SCAN_TIMEOUT = 3000
/** Largest number of fields per host; far more than are ever counted. */
const MAX_FIELDS = 1000
const CODE = /^[1-9]\d\d$/
const COUNT = /^\d{1,15}$/
const TOTAL = ':total'

type FleetStore = Pick<Store, 'driver' | 'keys'>

/**
 * Counts of all servers, as stored. Never reads all keys at once, and stops at the limits: `reliw_fleet_complete` is
 * then 0.
 *
 * @throws StoreUnavailable
 */
export async function readFleet(
  store: FleetStore,
  { scan_count, scan_limit }: FleetBounds
): Promise<Family[]> {
  const { hosts, isComplete } = await findHosts(store, scan_count, scan_limit)
  const totals: Sample[] = []
  const methods: Sample[] = []
  const { total, byMethod, complete } = catalog.Fleet
  for (let at = 0; at < hosts.length; at += scan_count) {
    const batch = hosts.slice(at, at + scan_count)
    // The embedded store responds without yielding to the event loop: other work would have to wait.
    await setImmediate()
    const read = await Promise.all(batch.map(async (host) => readHost(store, host)))
    for (const [host, codes, by] of read) {
      for (const [code, count] of codes) totals.push([labelsOf(total.labels, [host, code]), count])
      for (const [method, count] of by)
        methods.push([labelsOf(byMethod.labels, [host, method]), count])
    }
  }
  return [
    { ...total, samples: totals },
    { ...byMethod, samples: methods },
    single(complete, isComplete ? 1 : 0)
  ]
}

async function findHosts(
  { driver, keys }: FleetStore,
  count: number,
  limit: number
): Promise<{ hosts: string[]; isComplete: boolean }> {
  const prefix = keys.metricsPrefix()
  const hosts = new Set<string>()
  const end = performance.now() + SCAN_TIMEOUT
  let isComplete = true
  for await (const batch of driver.keys(prefix, count)) {
    for (const key of batch) {
      if (key.endsWith(TOTAL)) hosts.add(key.slice(prefix.length, -TOTAL.length))
    }
    isComplete = hosts.size <= limit && performance.now() < end
    if (!isComplete) break
    await setImmediate()
  }
  return { hosts: [...hosts].toSorted().slice(0, limit), isComplete }
}

type HostCounts = [host: string, codes: [string, number][], methods: [string, number][]]

async function readHost({ driver, keys }: FleetStore, host: string): Promise<HostCounts> {
  const [codes, methods] = await Promise.all(
    (['total', 'by_method'] as const).map(async (what) =>
      driver.hash(keys.metrics(host, what)).catch(isNotHash)
    )
  )
  return [
    host,
    countsOf(codes, (code) => CODE.test(code)),
    countsOf(methods, (method) => (METHODS as readonly string[]).includes(method))
  ]
}

/** A key that is not a hash has no counts. */
function isNotHash(error: unknown): undefined {
  if (error instanceof StoreUnavailable) throw error
}

/** security: any client of the store can write arbitrary fields; fields that are not counts are ignored. */
function countsOf(
  hash: Record<string, Buffer> | undefined,
  isLabel: (name: string) => boolean
): [string, number][] {
  const counts: [string, number][] = []
  for (const [name, value] of Object.entries(hash ?? {}).slice(0, MAX_FIELDS)) {
    const text = value.toString('latin1')
    if (isLabel(name) && COUNT.test(text)) counts.push([name, Number(text)])
  }
  return counts
}
