import {
  ANY_HOST,
  type Entry,
  type Keyspace,
  needsEntry,
  type RatePolicy,
  type Take
} from '@reliw/model'
import { clientOf, type Counted, keyPart } from './client-of.ts'
import { policyLabel } from './rate-headers.ts'

/** One use of a budget by a request, and what the response says about it. */
export interface Use {
  readonly name: string
  /** The policy's item in the RateLimit-Policy header. */
  readonly label: string
  readonly take: Take
  readonly isLocal: boolean
}

/** A rate limit policy, with the values that are the same for all requests. */
export class Policy {
  readonly #policy: RatePolicy
  readonly #keys: Keyspace
  readonly #label: string
  readonly #mark: string

  /** @param owner keeps a site's policy apart from a server's policy of the same name */
  constructor(policy: RatePolicy, keys: Keyspace, owner: 'server' | 'site') {
    this.#policy = policy
    this.#keys = keys
    this.#label = policyLabel(policy.name, policy)
    this.#mark = owner === 'site' ? `@site/${policy.name}` : `@${policy.name}`
  }

  /**
   * Whether the policy counts a request on arrival, before its entry and user are known. Other policies count it once
   * they are known.
   */
  get countsAtOnce(): boolean {
    return !needsEntry(this.#policy)
  }

  /** Whether the policy has separate budgets for each host. */
  get needsHost(): boolean {
    return this.#policy.scope !== 'global'
  }

  /** The use of the policy's budget by a request; undefined where the policy does not count the request. */
  use(counted: Counted, host: string, entry: Entry | undefined): Use | undefined {
    const { name, key, methods, allow, algorithm, limit, period, burst, count } = this.#policy
    // On a login page the user is not known yet, and users must be able to log in.
    if (key === 'user' && entry?.auth !== undefined && 'page' in entry.auth) return undefined
    if (methods !== undefined && !methods.includes(counted.request.method)) return undefined
    if (allow?.has(counted.clientIp) === true) return undefined
    const budget = this.#budget(host, entry, counted) + clientOf(counted, key)
    const take: Take = { key: budget, algorithm, limit, period, burst }
    return { name, label: this.#label, take, isLocal: count === 'process' }
  }

  /** The beginning of the budget's key, up to the client. */
  #budget(host: string, entry: Entry | undefined, { request }: Counted): string {
    const { scope } = this.#policy
    if (scope === 'global') return this.#keys.limit(ANY_HOST, this.#mark, '')
    if (scope === 'host') return this.#keys.limit(host, this.#mark, '')
    const id = entry === undefined ? '' : idOf(entry, this.#keys, request)
    return this.#keys.limit(host, `${this.#mark}:${id}`, '')
  }
}

/**
 * The use of an entry's own `rate_limit`: one budget for all paths that lead to the entry.
 *
 * security: clients choose the path; with a budget for each path, an attacker would never exhaust any of them.
 */
export function useOfEntry(
  entry: Entry,
  keys: Keyspace,
  counted: Counted,
  host: string
): Use | undefined {
  const { rate_limit } = entry
  if (rate_limit === undefined || rate_limit.allow?.has(counted.clientIp) === true) return undefined
  const method = methodOf(counted.request.method, rate_limit.methods)
  const limit = rate_limit.methods.get(method)
  if (limit === undefined) return undefined
  const id = idOf(entry, keys, counted.request)
  const key = keys.limit(host, `${method}:${id}`, clientOf(counted, 'ip'))
  const label = policyLabel(method, limit)
  return { name: method, label, take: { key, algorithm: 'fixed', ...limit }, isLocal: false }
}

/** The id of the entry in the store; for an entry that is not stored, the URL pattern of its route. */
function idOf({ key }: Entry, keys: Keyspace, request: Counted['request']): string {
  const { facts, routeOptions } = request
  return keyPart(key?.slice(keys.entry(facts.site ?? '', '').length) ?? routeOptions.url ?? '')
}

/** HEAD shares the limit of GET, unless it has its own. */
function methodOf(method: string, limits: ReadonlyMap<string, unknown>): string {
  return method === 'HEAD' && !limits.has('HEAD') ? 'GET' : method
}
