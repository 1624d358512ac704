import { limitsEvents, publisherOf } from '@reliw/http'
import {
  type Entry,
  type Keyspace,
  type Live,
  type RatePolicy,
  type Taken,
  weakMemoize
} from '@reliw/model'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { RateLimited } from '../errors.ts'
import type { Counted } from './client-of.ts'
import type { NameHost } from './counted-host.ts'
import type { Limiter } from './limiter.ts'
import { Policy, type Use, useOfEntry } from './policies.ts'
import { budgetLabel, retryAfter } from './rate-headers.ts'

/** Policies, grouped by when they count a request. */
interface Sorted {
  /** Whether any of the policies has separate budgets for each host. */
  needsHost: boolean
  atOnce: readonly Policy[]
  later: readonly Policy[]
}

/** The host and entry of a request. */
interface Target {
  readonly host: string
  readonly entry: Entry
}

const NONE: Sorted = { needsHost: false, atOnce: [], later: [] }

/** Checks requests against the rate limits of the server, the site and the entry. */
export class Rates {
  readonly #limiter: Limiter
  readonly #keys: Keyspace
  readonly #server: Sorted
  readonly #nameHost: NameHost
  readonly #sortSite = weakMemoize((policies: readonly RatePolicy[]) =>
    this.#sort(policies, 'site')
  )

  constructor(
    limiter: Limiter,
    keys: Keyspace,
    policies: readonly RatePolicy[],
    nameHost: NameHost
  ) {
    this.#limiter = limiter
    this.#keys = keys
    this.#nameHost = nameHost
    this.#server = this.#sort(policies, 'server')
  }

  /**
   * Counts a request on arrival. Throws, or rejects with, RateLimited.
   *
   * @param site the site's policies
   */
  admit(
    counted: Counted,
    reply: FastifyReply,
    host: string,
    site: readonly RatePolicy[]
  ): Live<true> {
    const server = this.#server.atOnce
    const own = this.#sorted(site).atOnce
    if (server.length === 0 && own.length === 0) return true
    const name = server.length > 0 && this.#server.needsHost ? this.#nameHost(host) : host
    const admitAs = (named: string): Live<true> => {
      const uses: Use[] = []
      collect(uses, server, counted, named, undefined)
      collect(uses, own, counted, host, undefined)
      return this.#take(uses, counted, reply, host)
    }
    return name instanceof Promise ? name.then(admitAs) : admitAs(name)
  }

  /**
   * Counts a request whose entry and user are known. Throws, or rejects with, RateLimited.
   *
   * @param site the site's policies
   */
  limit(
    counted: Counted,
    reply: FastifyReply,
    { host, entry }: Target,
    site: readonly RatePolicy[]
  ): Live<true> {
    const server = this.#server.later
    const own = this.#sorted(site).later
    if (entry.rate_limit === undefined && server.length === 0 && own.length === 0) return true
    // A stored entry belongs to a site, so its host needs no lookup.
    const isNamed =
      entry.key !== undefined || (entry.rate_limit === undefined && !this.#server.needsHost)
    const name = isNamed ? host : this.#nameHost(host)
    const limitAs = (named: string): Live<true> => {
      const uses: Use[] = []
      collect(uses, server, counted, named, entry)
      collect(uses, own, counted, host, entry)
      const ofEntry = useOfEntry(entry, this.#keys, counted, named)
      if (ofEntry !== undefined) uses.push(ofEntry)
      return this.#take(uses, counted, reply, host)
    }
    return name instanceof Promise ? name.then(limitAs) : limitAs(name)
  }

  #sorted(policies: readonly RatePolicy[]): Sorted {
    return policies.length === 0 ? NONE : this.#sortSite(policies)
  }

  #sort(given: readonly RatePolicy[], owner: 'server' | 'site'): Sorted {
    const policies = given.map((policy) => new Policy(policy, this.#keys, owner))
    return {
      needsHost: policies.some((policy) => policy.needsHost),
      atOnce: policies.filter(({ countsAtOnce }) => countsAtOnce),
      later: policies.filter(({ countsAtOnce }) => !countsAtOnce)
    }
  }

  #take(all: readonly Use[], counted: Counted, reply: FastifyReply, host: string): Live<true> {
    if (all.length === 0) return true
    const shared = all.filter(({ isLocal }) => !isLocal)
    if (shared.length === 0) {
      return judge(all, this.#limiter.takeLocally(takesOf(all)), counted, reply, host)
    }
    const local = all.filter(({ isLocal }) => isLocal)
    const uses = [...local, ...shared]
    const here = this.#limiter.takeLocally(takesOf(local))
    const there = this.#limiter.take(takesOf(shared))
    return there instanceof Promise
      ? there.then((taken) => judge(uses, [...here, ...taken], counted, reply, host))
      : judge(uses, [...here, ...there], counted, reply, host)
  }
}

function takesOf(uses: readonly Use[]): Use['take'][] {
  return uses.map(({ take }) => take)
}

function collect(
  uses: Use[],
  policies: readonly Policy[],
  counted: Counted,
  host: string,
  entry: Entry | undefined
): void {
  for (const policy of policies) {
    const use = policy.use(counted, host, entry)
    if (use !== undefined) uses.push(use)
  }
}

function judge(
  uses: readonly Use[],
  taken: readonly Taken[],
  { request, clientIp }: Counted,
  reply: FastifyReply,
  host: string
): true {
  addHeaders(uses, taken, reply)
  let isAllowed = true
  for (let at = 0; at < uses.length; at++) {
    if (taken[at]?.allowed !== false) continue
    isAllowed = false
    reportExceeded(uses[at]?.name ?? '', host, request, clientIp)
  }
  if (isAllowed) return true
  reply.header('retry-after', retryAfter(taken))
  throw new RateLimited()
}

function reportExceeded(
  policy: string,
  site: string,
  request: FastifyRequest,
  clientIp: string
): void {
  const { exceeded } = limitsEvents
  if (!exceeded.hasSubscribers) return
  const publisher = publisherOf(request.server)
  const { host = '' } = request.facts
  exceeded.publish({ publisher, policy, host, site, clientIp, requestId: request.id })
}

/** Adds to the headers of the budgets that were used before. */
function addHeaders(uses: readonly Use[], taken: readonly Taken[], reply: FastifyReply): void {
  let policies = String(reply.getHeader('ratelimit-policy') ?? '')
  let budgets = String(reply.getHeader('ratelimit') ?? '')
  for (let at = 0; at < uses.length; at++) {
    const use = uses[at]
    const one = taken[at]
    if (use === undefined || one === undefined) continue
    const comma = policies === '' ? '' : ', '
    policies += comma + use.label
    budgets += comma + budgetLabel(use.name, one)
  }
  reply.header('ratelimit-policy', policies)
  reply.header('ratelimit', budgets)
}
