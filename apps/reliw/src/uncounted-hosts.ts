import { idleBesideProxy, type RatePolicy, type Store } from '@reliw/model'
import type { FastifyBaseLogger } from 'fastify'

/** Maximum number of hosts that one line names; of the rest only the number is given. */
const MAX_NAMED = 10
/** Maximum number of hosts remembered as reported; beyond this all are forgotten and may be reported again. */
const MAX_REPORTED = 1000

/** Rate limit policies that have no effect on some hosts, because an upstream serves every path of those hosts. */
export interface Uncounted {
  /** Each policy, with the reason. */
  issues: string[]
  /** The first of these hosts. */
  hosts: string[]
  /** Number of these hosts. */
  count: number
}

/** Finds hosts with `PROXY` in the store; undefined when the policies have an effect on every host. */
export async function findUncounted(
  { driver, keys }: Store,
  policies: readonly RatePolicy[]
): Promise<Uncounted | undefined> {
  const issues = idleBesideProxy({ rate_limits: policies })
  if (issues.length === 0) return undefined
  const prefix = keys.proxy('')
  const found: Uncounted = { issues, hosts: [], count: 0 }
  for await (const batch of driver.keys(prefix, 1000)) {
    found.count += batch.length
    for (const key of batch.slice(0, MAX_NAMED - found.hosts.length))
      found.hosts.push(key.slice(prefix.length))
  }
  return found.count === 0 ? undefined : found
}

/**
 * Logs a warning for these hosts at the start, and for a host that gets an upstream later. Returns a function that ends
 * this.
 */
export function reportUncounted(
  store: Store,
  policies: readonly RatePolicy[],
  log: FastifyBaseLogger
): () => void {
  const issues = idleBesideProxy({ rate_limits: policies })
  if (issues.length === 0) return () => undefined
  const prefix = store.keys.proxy('')
  const reported = new Set<string>()
  let isListed = false
  const report = ({ issues: mistakes, ...rest }: Uncounted): void =>
    log.warn({ limits: { mistakes, ...rest } }, 'rate_limits have no effect on some hosts')

  async function inspect(changed: readonly string[] | undefined): Promise<void> {
    if (changed === undefined) {
      if (isListed) return
      isListed = true
      const found = await findUncounted(store, policies)
      for (const host of found?.hosts ?? []) reported.add(host)
      if (found !== undefined) report(found)
      return
    }
    for (const key of changed) {
      const host = key.slice(prefix.length)
      if (reported.has(host) || (await store.driver.type(key)) === undefined) continue
      if (reported.size >= MAX_REPORTED) reported.clear()
      reported.add(host)
      report({ issues, hosts: [host], count: 1 })
    }
  }

  return store.watch(prefix, (changed) => {
    inspect(changed).catch((err: unknown) => {
      if (changed === undefined) isListed = false
      log.debug({ err }, 'hosts with an upstream could not be listed')
    })
  })
}
