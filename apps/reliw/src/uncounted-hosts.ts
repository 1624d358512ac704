import { idleBesideProxy, type RatePolicy, type Store } from '@reliw/model'
import type { FastifyBaseLogger } from 'fastify'

/** Maximum number of hosts that one line names; of the rest only the number is given. */
const MAX_NAMED = 10
/** Maximum number of hosts remembered as reported; beyond this all are forgotten and may be reported again. */
const MAX_TOLD = 1000

/** Rate limit policies that count nothing on some hosts, because an upstream serves every path of those hosts. */
export interface Uncounted {
  mistakes: string[]
  /** The first of these hosts. */
  hosts: string[]
  /** Number of these hosts. */
  count: number
}

/** Finds hosts with `PROXY` in the store; undefined when the policies count on every host. */
export async function findUncounted(
  { driver, keys }: Store,
  policies: readonly RatePolicy[]
): Promise<Uncounted | undefined> {
  const mistakes = idleBesideProxy({ rate_limits: policies })
  if (mistakes.length === 0) return undefined
  const prefix = keys.proxy('')
  const found: Uncounted = { mistakes, hosts: [], count: 0 }
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
export function tellUncounted(
  store: Store,
  policies: readonly RatePolicy[],
  log: FastifyBaseLogger
): () => void {
  const mistakes = idleBesideProxy({ rate_limits: policies })
  if (mistakes.length === 0) return () => undefined
  const prefix = store.keys.proxy('')
  const told = new Set<string>()
  let hasLooked = false
  const say = (limits: Uncounted): void =>
    log.warn({ limits }, 'rate_limits count nothing on some hosts')

  async function look(changed: readonly string[] | undefined): Promise<void> {
    if (changed === undefined) {
      if (hasLooked) return
      hasLooked = true
      const found = await findUncounted(store, policies)
      for (const host of found?.hosts ?? []) told.add(host)
      if (found !== undefined) say(found)
      return
    }
    for (const key of changed) {
      const host = key.slice(prefix.length)
      if (told.has(host) || (await store.driver.type(key)) === undefined) continue
      if (told.size >= MAX_TOLD) told.clear()
      told.add(host)
      say({ mistakes, hosts: [host], count: 1 })
    }
  }

  return store.watch(prefix, (changed) => {
    look(changed).catch((err: unknown) => {
      if (changed === undefined) hasLooked = false
      log.debug({ err }, 'hosts with an upstream could not be looked up')
    })
  })
}
