import type { SecureContext } from 'node:tls'
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

/** What all upstreams share. */
export interface GroupContext {
  readonly deadlines: Deadlines
  readonly names: NameResolver
  /** What this process calls itself in Via. */
  readonly pseudonym: string
  readonly newTraceparent: () => string
  onCircuit(group: Group, state: CircuitState): void
  onHealth(group: Group, origin: Origin, change: HealthChange): void
}

/** How an upstream is, for metrics and for whoever looks after it. */
export interface UpstreamState {
  upstream: string
  circuit: CircuitState
  origins: OriginState[]
}

const H1: readonly string[] = ['http/1.1']
const H2: readonly string[] = ['h2', 'http/1.1']

/** An upstream at work: its origins, and what decides which one is asked, and whether any. */
export class Group {
  readonly name: string
  /** As it was described last. */
  settings: Upstream
  readonly origins: readonly Origin[]
  /** Undefined where it is switched off. */
  readonly breaker: CircuitBreaker | undefined
  readonly budget: RetryBudget | undefined
  /** What the balancer `hash` goes by. */
  readonly keyOf: ReturnType<typeof createHashKey>
  /** When it was asked for last: `Deadlines.now`. */
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
          async (isUpgrade) => this.#connect(target, isUpgrade),
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
   * The origin that is to be asked.
   *
   * @param tried those that were asked already; they are asked again only when there is no other
   * @returns undefined when none is usable
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

  /** Whether there is a usable origin beside those that were tried. */
  hasOther(tried: readonly Origin[]): boolean {
    return this.origins.some((origin) => origin.health.isUsable && !tried.includes(origin))
  }

  /** An exchange with an origin failed. The last usable one stays: a bad answer is no worse than none. */
  blame(origin: Origin, source: FailureSource | undefined): void {
    const isLast = this.origins.every((one) => one === origin || !one.health.isUsable)
    if (!isLast) origin.health.fail(source)
  }

  /** Whether an origin has a connection to spare for a request of a client whose body is not here yet. */
  hasRoomForUpload(client: string): boolean {
    return this.origins.some((origin) => origin.health.isUsable && origin.hasRoomForUpload(client))
  }

  /**
   * Whether an origin, whichever it may be, can be asked if it wants the body of a client. An open circuit has better
   * use for the few requests that it lets through.
   */
  mayAnnounce(client: string): boolean {
    const isClosed = this.breaker === undefined || this.breaker.state === 'closed'
    return isClosed && this.origins.every((origin) => origin.mayAnnounce(client))
  }

  sweep(now: number): void {
    for (const origin of this.origins) origin.sweep(now)
  }

  /** What is under way goes on to its end. */
  close(): void {
    for (const check of this.#checks) check.close()
    for (const origin of this.origins) origin.close()
  }

  async #connect(target: Target, isUpgrade: boolean): Promise<Connection> {
    const { settings } = this
    const { names } = this.#context
    const protocols = isUpgrade || !settings.http2 ? H1 : H2
    if (target.scheme === 'https')
      return connect({ target, settings, names, protocols, context: this.#loadTls() })
    return connect({ target, settings, names, protocols, withInlet: !isUpgrade })
  }

  /** Read once; files that could not be read are tried again with the next connection. */
  async #loadTls(): Promise<SecureContext> {
    this.#tls ??= loadTlsContext(this.settings).catch((error: unknown) => {
      this.#tls = undefined
      throw error
    })
    return this.#tls
  }
}
