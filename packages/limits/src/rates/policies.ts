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

/** One budget that a request uses, and what clients are told of it. */
export interface Use {
  readonly name: string
  /** The policy as RateLimit-Policy has it. */
  readonly label: string
  readonly take: Take
  readonly isLocal: boolean
}

/** A policy, with what does not change from request to request. */
export class Policy {
  readonly #policy: RatePolicy
  readonly #keys: Keyspace
  readonly #label: string
  readonly #mark: string

  /** @param owner a site may give its policy a name that the server has given to another one */
  constructor(policy: RatePolicy, keys: Keyspace, owner: 'server' | 'site') {
    this.#policy = policy
    this.#keys = keys
    this.#label = policyLabel(policy.name, policy)
    this.#mark = owner === 'site' ? `@site/${policy.name}` : `@${policy.name}`
  }

  /**
   * Whether it counts requests when they come in, before it is known which entry answers, and to whom. Others
   * count them when that is known.
   */
  get countsAtOnce(): boolean {
    return !needsEntry(this.#policy)
  }

  /** Whether its budgets are those of a host. */
  get needsHost(): boolean {
    return this.#policy.scope !== 'global'
  }

  /** The use of its budget; undefined where it does not count the request. */
  use(counted: Counted, host: string, entry: Entry | undefined): Use | undefined {
    const { name, key, methods, allow, algorithm, limit, period, burst, count } = this.#policy
    // Nobody is known there yet, and whoever logs in has to be able to.
    if (key === 'user' && entry?.auth !== undefined && 'page' in entry.auth) return undefined
    if (methods !== undefined && !methods.includes(counted.request.method)) return undefined
    if (allow?.has(counted.clientIp) === true) return undefined
    const budget = this.#budget(host, entry, counted) + clientOf(counted, key)
    const take: Take = { key: budget, algorithm, limit, period, burst }
    return { name, label: this.#label, take, isLocal: count === 'process' }
  }

  /** What the keys of its budgets begin with. */
  #budget(host: string, entry: Entry | undefined, { request }: Counted): string {
    const { scope } = this.#policy
    if (scope === 'global') return this.#keys.limit(ANY_HOST, this.#mark, '')
    if (scope === 'host') return this.#keys.limit(host, this.#mark, '')
    const id = entry === undefined ? '' : idOf(entry, this.#keys, request)
    return this.#keys.limit(host, `${this.#mark}:${id}`, '')
  }
}

/**
 * The use of an entry’s own `rate_limit`: one budget for all paths that lead to the entry.
 *
 * security: clients choose the path; budgets by path are as many as a client likes, and end for none of them.
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

/** The entry's id; of one that is not from the store, the pattern of its route. */
function idOf({ key }: Entry, keys: Keyspace, request: Counted['request']): string {
  const { facts, routeOptions } = request
  return keyPart(key?.slice(keys.entry(facts.host ?? '', '').length) ?? routeOptions.url ?? '')
}

/** HEAD is what GET is, unless it has a limit of its own. */
function methodOf(method: string, limits: ReadonlyMap<string, unknown>): string {
  return method === 'HEAD' && !limits.has('HEAD') ? 'GET' : method
}
