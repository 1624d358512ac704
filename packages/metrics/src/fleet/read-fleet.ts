import { setImmediate } from 'node:timers/promises'
import { type Store, StoreUnavailable } from '@reliw/model'
import { catalog } from '../catalog.ts'
import { type Family, labelsOf, type Sample, single } from '../family.ts'
import { METHODS } from '../requests/labels.ts'

/** How much of the store is read for a scrape. */
export interface FleetBounds {
  /** Keys that the store looks at in one go. */
  scan_count: number
  /** Hosts. */
  scan_limit: number
}

/** How long hosts are looked for, in milliseconds: a scrape has some seconds. */
const PATIENCE = 3000
/** Of one host; more than anybody counts. */
const MAX_FIELDS = 1000
const CODE = /^[1-9]\d\d$/
const COUNT = /^\d{1,15}$/
const TOTAL = ':total'

type FleetStore = Pick<Store, 'driver' | 'keys'>

/**
 * What all servers counted, as the store has it. Never asks for all keys at once, and stops at the bounds: then
 * `reliw_fleet_complete` is 0.
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
    // The embedded store answers at once: nobody else would have a turn.
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
  const end = performance.now() + PATIENCE
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
      driver.hash(keys.metrics(host, what)).catch(isNothing)
    )
  )
  return [
    host,
    countsOf(codes, (code) => CODE.test(code)),
    countsOf(methods, (method) => (METHODS as readonly string[]).includes(method))
  ]
}

/** A key that is no hash has no counts. */
function isNothing(error: unknown): undefined {
  if (error instanceof StoreUnavailable) throw error
}

/** Whoever can write to the store can write anything. */
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
