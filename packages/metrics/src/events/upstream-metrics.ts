import { type AttemptEvent, upstreamEvents } from '@reliw/http'
import type { Publisher } from '@reliw/options'
import { catalog } from '../catalog.ts'
import type { Collector } from '../collector.ts'
import { Counts } from '../counts.ts'
import { type Description, type Family, labelsOf, type Sample } from '../family.ts'
import { Histograms } from '../histogram.ts'
import { Subscriptions } from './subscriptions.ts'

/** State of an upstream, as `app.upstreams()` of `@reliw/upstream-proxy` reports it. */
export interface UpstreamStatus {
  readonly upstream: string
  readonly circuit: 'closed' | 'half-open' | 'open'
  readonly origins: readonly {
    readonly origin: string
    readonly healthy: boolean
    readonly draining?: boolean
    readonly inFlight: number
    readonly active: number
    readonly idle: number
    readonly pending: number
    readonly uploads: number
  }[]
}

const CIRCUITS = ['closed', 'half-open', 'open']
const { Upstreams: upstreams } = catalog

/** Counts requests to upstreams by result, and reports the state of the upstreams. */
export class UpstreamMetrics implements Collector {
  readonly #subscriptions: Subscriptions
  readonly #requests = new Counts(upstreams.requests)
  readonly #attempts = new Counts(upstreams.attempts)
  readonly #duration = new Histograms(upstreams.duration)
  readonly #retries = new Counts(upstreams.retries)
  readonly #exhausted = new Counts(upstreams.exhausted)
  readonly #openings = new Counts(upstreams.openings)
  readonly #changes = new Counts(upstreams.changes)
  readonly #statusOf: () => readonly UpstreamStatus[]

  constructor(publisher: Publisher, statusOf: () => readonly UpstreamStatus[]) {
    this.#subscriptions = new Subscriptions(publisher)
    this.#statusOf = statusOf
    this.#subscriptions.on(upstreamEvents.attempt, (attempt) => this.#count(attempt))
    this.#subscriptions.on(upstreamEvents.retry, ({ upstream }) => this.#retries.add([upstream]))
    this.#subscriptions.on(upstreamEvents.outcome, ({ upstream, result }) => {
      this.#requests.add([upstream, result])
      if (result === 'retries exhausted') this.#exhausted.add([upstream])
    })
    this.#subscriptions.on(
      upstreamEvents.circuit,
      ({ upstream, state }) => state === 'open' && this.#openings.add([upstream])
    )
    this.#subscriptions.on(upstreamEvents.health, ({ upstream, origin, change }) =>
      this.#changes.add([upstream, origin, change])
    )
  }

  collect(): Family[] {
    return [
      this.#requests.family,
      this.#attempts.family,
      this.#duration.family,
      this.#retries.family,
      this.#exhausted.family,
      this.#openings.family,
      this.#changes.family,
      ...statesOf(this.#statusOf())
    ]
  }

  close(): void {
    this.#subscriptions.close()
  }

  #count({ upstream, origin, ms, status, failure }: AttemptEvent): void {
    const result = status === undefined ? (failure ?? 'unknown') : `${Math.floor(status / 100)}xx`
    this.#attempts.add([upstream, origin, result])
    this.#duration.observe([upstream], ms / 1000)
  }
}

function statesOf(states: readonly UpstreamStatus[]): Family[] {
  const circuits = states.map(({ upstream, circuit }): Sample => [
    labelsOf(upstreams.circuit.labels, [upstream]),
    CIRCUITS.indexOf(circuit)
  ])
  const origins = states.flatMap(({ upstream, origins: of }) =>
    of.map((origin) => ({ ...origin, upstream }))
  )
  const family = (
    description: Description,
    value: (origin: (typeof origins)[number]) => number
  ): Family => ({
    ...description,
    samples: origins.map((one) => [
      labelsOf(description.labels, [one.upstream, one.origin]),
      value(one)
    ])
  })
  return [
    { ...upstreams.circuit, samples: circuits },
    family(upstreams.up, ({ healthy }) => (healthy ? 1 : 0)),
    family(upstreams.draining, ({ draining }) => (draining === true ? 1 : 0)),
    family(upstreams.pending, ({ pending }) => pending),
    family(upstreams.inFlight, ({ inFlight }) => inFlight),
    {
      ...upstreams.connections,
      samples: origins.flatMap(({ upstream, origin, active, idle }) =>
        Object.entries({ active, idle }).map(([state, count]): Sample => [
          labelsOf(upstreams.connections.labels, [upstream, origin, state]),
          count
        ])
      )
    }
  ]
}
