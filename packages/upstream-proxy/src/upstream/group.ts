import type { SecureContext } from 'node:tls'
import { writeLocalHeader } from '@reliw/http'
import type { Target, Upstream } from '@reliw/model'
import { connect, type Connection } from '../connect/connect.ts'
import type { NameResolver } from '../connect/resolver.ts'
import { loadTlsContext } from '../connect/tls-context.ts'
import type { Deadlines } from '../deadlines.ts'
import { Origin, type OriginState } from '../origin/origin.ts'
import { type Balancer, createBalancer } from '../policy/balancer.ts'
import { CircuitBreaker, type CircuitState } from '../policy/circuit-breaker.ts'
import type { FailureSource } from '../policy/failure-tally.ts'
import { createHashKey } from '../policy/hash-key.ts'
import type { HealthChange } from '../policy/origin-health.ts'
import { RetryBudget } from '../policy/retry-budget.ts'
import { HealthCheck } from './health-check.ts'

/** State and callbacks shared by all upstreams. */
export interface GroupContext {
  readonly deadlines: Deadlines
  readonly names: NameResolver
  /** The pseudonym of this process in Via. */
  readonly pseudonym: string
  readonly newTraceparent: () => string
  onCircuit(group: Group, state: CircuitState): void
  onHealth(group: Group, origin: Origin, change: HealthChange): void
}

/** The state of an upstream, for metrics and operators. */
export interface UpstreamState {
  upstream: string
  circuit: CircuitState
  origins: OriginState[]
}

const H1: readonly string[] = ['http/1.1']
const H2: readonly string[] = ['h2', 'http/1.1']

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
  readonly #checks: readonly HealthCheck[]
  #tls: Promise<SecureContext> | undefined

  constructor(name: string, settings: Upstream, context: GroupContext) {
    this.name = name
    this.settings = settings
    this.lastUsed = context.deadlines.now
    this.#context = context
    this.#balancer = createBalancer(settings.lb)
    this.keyOf = createHashKey(settings.hash_key)
    const { circuit_breaker: breaker, retry, health } = settings
    const { pseudonym, newTraceparent } = context
    if (breaker !== false)
      this.breaker = new CircuitBreaker(
        breaker,
        (state) => context.onCircuit(this, state),
        () => context.deadlines.now
      )
    if (retry !== false) this.budget = new RetryBudget(retry.budget)
    this.origins = settings.targets.map(
      (target) =>
        new Origin(
          { target, upstream: settings, pseudonym, newTraceparent },
          settings,
          async (isUpgrade, preface) => this.#connect(target, isUpgrade, preface),
          (origin, change) => context.onHealth(this, origin, change)
        )
    )
    const { path } = health
    this.#checks =
      path === undefined
        ? []
        : this.origins.map(
            (origin) =>
              new HealthCheck(
                origin,
                health,
                path,
                async () => this.#connect(origin.target, false),
                context.deadlines
              )
          )
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
    if (this.origins.length === 1) return only?.health.isUsable === true ? only : undefined
    const usable = this.origins.every(({ health }) => health.isUsable)
      ? this.origins
      : this.origins.filter(({ health }) => health.isUsable)
    if (usable.length === 0) return undefined
    if (tried.length === 0) return this.#balancer.pick(usable, key)
    const fresh = usable.filter((origin) => !tried.includes(origin))
    return this.#balancer.pick(fresh.length > 0 ? fresh : usable, key)
  }

  /** Whether a usable origin is left that was not tried. */
  hasOther(tried: readonly Origin[]): boolean {
    return this.origins.some((origin) => origin.health.isUsable && !tried.includes(origin))
  }

  /**
   * Records a failed exchange with an origin. The last usable origin is not ejected: a bad response is no worse than
   * none.
   */
  blame(origin: Origin, source: FailureSource | undefined): void {
    const isLast = this.origins.every((one) => one === origin || !one.health.isUsable)
    if (!isLast) origin.health.fail(source)
  }

  /**
   * Whether any origin has a connection to spare for a request of this client whose body has not arrived completely.
   */
  hasRoomForUpload(client: string): boolean {
    return this.origins.some((origin) => origin.health.isUsable && origin.hasRoomForUpload(client))
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

  /** Stops health checks and closes idle connections. Exchanges under way are completed. */
  close(): void {
    for (const check of this.#checks) check.close()
    for (const origin of this.origins) origin.close()
  }

  /** @param given the PROXY header of a client's request; without it, the connection is for the server itself */
  async #connect(target: Target, isUpgrade: boolean, given?: Buffer): Promise<Connection> {
    const { settings } = this
    const { names } = this.#context
    const { http2, send_proxy: version } = settings
    const protocols = isUpgrade || !http2 || version !== undefined ? H1 : H2
    const preface = given ?? (version && writeLocalHeader(version))
    if (target.scheme === 'https')
      return connect({ target, settings, names, protocols, preface, context: this.#loadTls() })
    return connect({ target, settings, names, protocols, preface, withInlet: !isUpgrade })
  }

  /** Read once; after a failure, the files are read again for the next connection. */
  async #loadTls(): Promise<SecureContext> {
    this.#tls ??= loadTlsContext(this.settings).catch((error: unknown) => {
      this.#tls = undefined
      throw error
    })
    return this.#tls
  }
}
