import { limitsEvents } from '@reliw/http'
import type { Publisher } from '@reliw/options'
import { catalog } from '../catalog.ts'
import type { Collector } from '../collector.ts'
import { Counts } from '../counts.ts'
import { type Family, labelsOf, single } from '../family.ts'
import type { Hosts } from '../requests/hosts.ts'
import { Subscriptions } from './subscriptions.ts'

/** State of the limits: the shown part of `app.limits` of `@reliw/limits`. */
export interface LimitsStatus {
  readonly pressure: {
    readonly level: string
    /** The resource that determines the level. */
    readonly cause?: string | undefined
    readonly isReduced: boolean
    readonly shares: Readonly<Partial<Record<string, number>>>
  }
  readonly limiter: { readonly isShared: boolean; readonly fallbacks: number }
  readonly connections: {
    readonly slowBodies: number
    readonly slowReaders: number
    readonly pipelines: number
    readonly departed: number
    readonly excess: number
  }
  readonly held: { readonly size: number }
  readonly bans: { readonly list: { readonly size: number } } | undefined
}

const LEVELS = ['normal', 'warning', 'reduced', 'overloaded']
const { Limits: limits } = catalog

/** Counts refused requests by reason, and reports how near the process is to its own limits. */
export class LimitsMetrics implements Collector {
  readonly #subscriptions: Subscriptions
  readonly #exceeded = new Counts(limits.exceeded)
  readonly #refused = new Counts(limits.refused)
  readonly #banned = new Counts(limits.banned)
  readonly #statusOf: () => LimitsStatus | undefined

  constructor(publisher: Publisher, hosts: Hosts, statusOf: () => LimitsStatus | undefined) {
    this.#subscriptions = new Subscriptions(publisher)
    this.#statusOf = statusOf
    this.#subscriptions.on(limitsEvents.exceeded, ({ site, policy }) =>
      this.#exceeded.add([hosts.nameOf(site), policy])
    )
    this.#subscriptions.on(limitsEvents.refused, ({ site, reason }) =>
      this.#refused.add([hosts.nameOf(site), reason])
    )
    this.#subscriptions.on(limitsEvents.banned, ({ reason }) => this.#banned.add([reason]))
  }

  collect(): Family[] {
    const counted = [this.#exceeded.family, this.#refused.family, this.#banned.family]
    const status = this.#statusOf()
    return status === undefined ? counted : [...counted, ...familiesOf(status)]
  }

  close(): void {
    this.#subscriptions.close()
  }
}

function familiesOf({ pressure, limiter, connections, held, bans }: LimitsStatus): Family[] {
  const { slowBodies, slowReaders, pipelines, departed, excess } = connections
  const cut = {
    slow_body: slowBodies,
    slow_reader: slowReaders,
    pipeline: pipelines,
    departed,
    excess
  }
  return [
    ...(bans === undefined ? [] : [single(limits.bans, bans.list.size)]),
    single(limits.held, held.size),
    { ...limits.cut, samples: samplesOf(limits.cut.labels, cut) },
    single(limits.shared, limiter.isShared ? 1 : 0),
    single(limits.fallbacks, limiter.fallbacks),
    single(limits.pressure, LEVELS.indexOf(pressure.level)),
    { ...limits.shares, samples: samplesOf(limits.shares.labels, pressure.shares) }
  ]
}

function samplesOf(
  labels: readonly string[],
  values: Readonly<Partial<Record<string, number>>>
): (readonly [string, number])[] {
  return Object.entries(values).map(([name, value = 0]) => [labelsOf(labels, [name]), value])
}
