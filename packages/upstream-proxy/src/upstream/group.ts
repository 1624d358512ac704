import { isDeepStrictEqual } from 'node:util'
import type { Target, Upstream } from '@reliw/model'
import type { Connection } from '../connect/connect.ts'
import type { NameResolver } from '../connect/resolver.ts'
import type { Deadlines } from '../deadlines.ts'
import type { OriginContext } from '../headers/received-request.ts'
import { Origin, type OriginState } from '../origin/origin.ts'
import { type Balancer, createBalancer } from '../policy/balancer.ts'
import { CircuitBreaker, type CircuitState } from '../policy/circuit-breaker.ts'
import type { FailureSource } from '../policy/failure-tally.ts'
import { createHashKey } from '../policy/hash-key.ts'
import type { HealthChange } from '../policy/origin-health.ts'
import { RetryBudget } from '../policy/retry-budget.ts'
import { Connector } from './connector.ts'
import { HealthCheck } from './health-check.ts'
import { addressOf, connectAlike } from './same-origins.ts'

/** State and callbacks shared by all upstreams. */
export interface GroupContext {
  readonly deadlines: Deadlines
  readonly names: NameResolver
  /** The pseudonym of this process in Via. */
  readonly pseudonym: string
  readonly newTraceparent: () => string
  /** @param name name of the upstream */
  onCircuit(name: string, state: CircuitState): void
  /** @param name name of the upstream */
  onHealth(name: string, origin: Origin, change: HealthChange): void
}

/** The state of an upstream, for metrics and operators. */
export interface UpstreamState {
  upstream: string
  circuit: CircuitState
  origins: OriginState[]
}

/** An origin with its health check; without one if there are no checks. */
interface Member {
  readonly origin: Origin
  readonly check: HealthCheck | undefined
}

/**
 * A running upstream: its origins, and the policies that decide whether a request is admitted and which origin gets it.
 */
export class Group {
  readonly name: string
  /** The latest definition of the upstream. */
  settings: Upstream
  readonly origins: readonly Origin[]
  /** Undefined when the circuit breaker is off. */
  readonly breaker: CircuitBreaker | undefined
  readonly budget: RetryBudget | undefined
  /** Reads the key for the balancer `hash`. */
  readonly keyOf: ReturnType<typeof createHashKey>
  /** When the upstream was last used, by the clock of `Deadlines.now`. */
  lastUsed: number
  readonly #context: GroupContext
  readonly #balancer: Balancer
  readonly #connector: Connector
  /** The members that are closed with this group, by address: those of its origins that no later group has taken over. */
  readonly #members = new Map<string, Member>()

  /**
   * @param former the group of the definition before this one, which has to be closed next. Origins that are in both
   *   definitions are taken over, with their connections and health; so are the circuit breaker and the retry budget.
   */
  constructor(name: string, settings: Upstream, context: GroupContext, former?: Group) {
    this.name = name
    this.settings = settings
    this.lastUsed = context.deadlines.now
    this.#context = context
    this.#balancer = createBalancer(settings.lb)
    this.keyOf = createHashKey(settings.hash_key)
    const before = former && connectAlike(former.settings, settings) ? former : undefined
    const kept = settings.targets.map((target) => before && before.#give(target, this))
    const heir = kept.some((member) => member !== undefined) ? before : undefined
    this.#connector = before ? before.#connector : new Connector(settings, context.names)
    this.breaker = (heir && heir.#breakerFor(settings)) ?? this.#makeBreaker()
    this.budget = (heir && heir.#budgetFor(settings)) ?? this.#makeBudget()
    this.origins = settings.targets.map((target, at) => {
      const member = kept[at] ?? this.#makeMember(target)
      this.#members.set(addressOf(target), member)
      return member.origin
    })
  }

  get state(): UpstreamState {
    return {
      upstream: this.name,
      circuit: this.breaker?.state ?? 'closed',
      origins: this.origins.map(({ state }) => state)
    }
  }

  /**
   * Chooses the origin for the next attempt.
   *
   * @param tried origins that were already tried; they are chosen again only when no other is usable
   * @returns undefined when no origin is usable
   */
  choose(tried: readonly Origin[], key: string): Origin | undefined {
    const [only] = this.origins
    if (this.origins.length === 1) return only?.isUsable === true ? only : undefined
    const usable = this.origins.every(({ isUsable }) => isUsable)
      ? this.origins
      : this.origins.filter(({ isUsable }) => isUsable)
    if (usable.length === 0) return undefined
    if (tried.length === 0) return this.#balancer.pick(usable, key)
    const fresh = usable.filter((origin) => !tried.includes(origin))
    return this.#balancer.pick(fresh.length > 0 ? fresh : usable, key)
  }

  /** Whether a usable origin is left that was not tried. */
  hasOther(tried: readonly Origin[]): boolean {
    return this.origins.some((origin) => origin.isUsable && !tried.includes(origin))
  }

  /**
   * Records a failed exchange with an origin. The last usable origin is not ejected: a bad response is no worse than
   * none.
   */
  blame(origin: Origin, source: FailureSource | undefined): void {
    const isLast = this.origins.every((one) => one === origin || !one.isUsable)
    if (!isLast) origin.health.fail(source)
  }

  /**
   * Whether any origin has a connection to spare for a request of this client whose body has not arrived completely.
   */
  hasRoomForUpload(client: string): boolean {
    return this.origins.some((origin) => origin.isUsable && origin.hasRoomForUpload(client))
  }

  /**
   * Whether the origin, whichever is chosen, may decide whether it gets a client's body. Not while the circuit is open
   * or half-open: the few requests that it admits have better uses.
   */
  mayAnnounce(client: string): boolean {
    const isClosed = this.breaker === undefined || this.breaker.state === 'closed'
    return isClosed && this.origins.every((origin) => origin.mayAnnounce(client))
  }

  sweep(now: number): void {
    for (const origin of this.origins) origin.sweep(now)
  }

  /**
   * Stops health checks and closes idle connections, except those of origins that a later group has taken over.
   * Exchanges under way are completed.
   */
  close(): void {
    for (const { origin, check } of this.#members.values()) {
      check?.close()
      origin.close()
    }
  }

  /** Hands the origin of a target over to the group of a later definition. */
  #give(target: Target, to: Group): Member | undefined {
    const address = addressOf(target)
    const member = this.#members.get(address)
    if (member === undefined) return undefined
    this.#members.delete(address)
    const { origin } = member
    const wasDraining = origin.isDraining
    origin.redefine(to.#contextOf(target))
    if (origin.isDraining !== wasDraining)
      this.#context.onHealth(this.name, origin, { kind: wasDraining ? 'undrained' : 'draining' })
    return member
  }

  #breakerFor({ circuit_breaker }: Upstream): CircuitBreaker | undefined {
    return isDeepStrictEqual(circuit_breaker, this.settings.circuit_breaker)
      ? this.breaker
      : undefined
  }

  #budgetFor({ retry }: Upstream): RetryBudget | undefined {
    return isDeepStrictEqual(retry, this.settings.retry) ? this.budget : undefined
  }

  #makeBreaker(): CircuitBreaker | undefined {
    const { name } = this
    const context = this.#context
    const { circuit_breaker: breaker } = this.settings
    if (breaker === false) return undefined
    return new CircuitBreaker(
      breaker,
      (state) => context.onCircuit(name, state),
      () => context.deadlines.now
    )
  }

  #makeBudget(): RetryBudget | undefined {
    const { retry } = this.settings
    return retry === false ? undefined : new RetryBudget(retry.budget)
  }

  #contextOf(target: Target): OriginContext {
    const { pseudonym, newTraceparent } = this.#context
    return { target, upstream: this.settings, pseudonym, newTraceparent }
  }

  // The origin may outlive this group: its callbacks must not refer to it.
  #makeMember(target: Target): Member {
    const { name, settings } = this
    const connector = this.#connector
    const context = this.#context
    const { health } = settings
    const origin = new Origin(
      this.#contextOf(target),
      settings,
      async (isUpgrade, preface) => connector.connect(target, isUpgrade, preface),
      (changed, change) => context.onHealth(name, changed, change)
    )
    if (health.path === undefined) return { origin, check: undefined }
    const connect = async (): Promise<Connection> => connector.connect(target, false)
    const check = new HealthCheck(origin, health, health.path, connect, context.deadlines)
    return { origin, check }
  }
}
