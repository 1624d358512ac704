import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { upstreamEvents } from '@reliw/http'
import type { Upstream } from '@reliw/model'
import type { Publisher } from '@reliw/options'
import type { FastifyBaseLogger } from 'fastify'
import type { NameResolver } from '../connect/resolver.ts'
import { Deadlines, type Timed } from '../deadlines.ts'
import { createTraceparents } from '../headers/traceparent.ts'
import type { Origin } from '../origin/origin.ts'
import type { CircuitState } from '../policy/circuit-breaker.ts'
import type { HealthChange } from '../policy/origin-health.ts'
import { Group, type GroupContext, type UpstreamState } from './group.ts'

/** Interval between sweeps for idle connections, in milliseconds. */
const SWEEP = 1000
/** An upstream without requests for this long is closed, with its health checks; in milliseconds. */
const UNUSED = 600_000

/** The running upstreams, each created at its first request. */
export class Groups implements GroupContext, Timed {
  /** The publisher named in events. */
  readonly publisher: Publisher
  readonly deadlines: Deadlines
  readonly names: NameResolver
  deadline: number
  slot = -1
  readonly pseudonym = `reliw-${randomBytes(6).toString('hex')}`
  readonly newTraceparent = createTraceparents()
  readonly #log: FastifyBaseLogger
  readonly #groups = new Map<string, Group>()
  /** Definitions for which unverified TLS has been logged. */
  readonly #warned = new WeakSet<Upstream>()

  constructor(log: FastifyBaseLogger, publisher: Publisher, names: NameResolver) {
    this.#log = log
    this.publisher = publisher
    this.deadlines = new Deadlines((err) =>
      log.error({ err }, 'a deadline of an upstream could not be checked')
    )
    this.names = names
    this.deadline = this.deadlines.after(SWEEP)
    this.deadlines.add(this)
  }

  get state(): UpstreamState[] {
    return [...this.#groups.values()].map(({ state }) => state)
  }

  /**
   * The upstream of that name with its current definition. When the definition has changed, a new group takes over, with
   * the origins that have not changed; exchanges under way are completed by the old one.
   */
  get(name: string, settings: Upstream): Group {
    const group = this.#groups.get(name)
    if (group !== undefined && isDefinedBy(group, settings)) {
      group.lastUsed = this.deadlines.now
      return group
    }
    const made = new Group(name, settings, this, group)
    group?.close()
    this.#groups.set(name, made)
    this.#warn(made)
    return made
  }

  /** Logged once per definition, not each time the upstream comes back into use. */
  #warn({ name, settings }: Group): void {
    const isUnverified =
      !settings.tls_verify && settings.targets.some(({ scheme }) => scheme === 'https')
    if (!isUnverified || this.#warned.has(settings)) return
    this.#warned.add(settings)
    this.#log.warn({ upstream: { name } }, 'TLS of this upstream is not verified')
  }

  onCircuit(name: string, state: CircuitState): void {
    this.#log.warn({ upstream: { name, circuit: state } }, 'circuit changed')
    if (!upstreamEvents.circuit.hasSubscribers) return
    upstreamEvents.circuit.publish({ publisher: this.publisher, upstream: name, state })
  }

  onHealth(name: string, { name: origin }: Origin, { kind: change }: HealthChange): void {
    this.#log.warn({ upstream: { name, origin, change } }, 'origin changed')
    if (!upstreamEvents.health.hasSubscribers) return
    upstreamEvents.health.publish({ publisher: this.publisher, upstream: name, origin, change })
  }

  onLate(now: number): void {
    this.deadline = this.deadlines.after(SWEEP)
    for (const [name, group] of this.#groups) {
      group.sweep(now)
      if (now - group.lastUsed < UNUSED) continue
      group.close()
      this.#groups.delete(name)
    }
  }

  close(): void {
    for (const group of this.#groups.values()) group.close()
    this.deadlines.close()
    this.names.close()
  }
}

/**
 * Whether a definition is that of a running upstream. An equal one may be another object: of an entry in which another
 * field has changed, or that was evicted while memory was short. Connections and health must survive both.
 */
function isDefinedBy(group: Group, settings: Upstream): boolean {
  if (group.settings === settings) return true
  if (!isDeepStrictEqual(group.settings, settings)) return false
  group.settings = settings
  return true
}
