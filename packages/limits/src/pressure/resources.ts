/**
 * The resources that a process may run out of: `event_loop_delay` in milliseconds, `event_loop_utilization` from 0 to
 * 1, `heap` and `rss` in bytes, `open_files` in descriptors.
 */
export type Resource = (typeof RESOURCES)[number]

/** Amounts of the resources, used or allowed; unknown amounts are left out. */
export type Amounts = Readonly<Partial<Record<Resource, number | undefined>>>

/** Used shares of the limits, from 0 to 1; a resource that is unknown or unlimited is left out. */
export type Shares = Readonly<Partial<Record<Resource, number>>>

const RESOURCES = [
  'event_loop_delay',
  'event_loop_utilization',
  'heap',
  'rss',
  'open_files'
] as const

/** @param limits 0: unlimited */
export function sharesOf(used: Amounts, limits: Amounts): Shares {
  const shares: Partial<Record<Resource, number>> = {}
  for (const resource of RESOURCES) {
    const [amount, limit] = [used[resource], limits[resource] ?? 0]
    if (amount !== undefined && limit > 0) shares[resource] = Math.min(amount / limit, 1)
  }
  return shares
}

/**
 * The most used resource; the first when none is used, the last of several with equal shares. So a full resource takes
 * precedence over a late event loop, which may be late because of it.
 */
export function worstOf(shares: Shares): Resource {
  let worst: Resource = RESOURCES[0]
  for (const resource of RESOURCES) {
    const share = shares[resource] ?? 0
    if (share > 0 && share >= (shares[worst] ?? 0)) worst = resource
  }
  return worst
}
