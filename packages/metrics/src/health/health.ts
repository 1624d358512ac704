import type { Store } from '@reliw/model'
import type { LimitsStatus } from '../events/limits-metrics.ts'

/** Why the server is not ready for requests. */
export type Unready = 'draining' | 'the store has not responded yet' | `overloaded: ${string}`

/** Readiness of the server for requests. */
export class Health {
  readonly #store: Pick<Store, 'connected'> | undefined
  readonly #limits: (() => Pick<LimitsStatus, 'pressure'> | undefined) | undefined
  #hasResponded: boolean
  /** Whether the server is draining. */
  isDraining = false

  constructor(
    store: Pick<Store, 'connected'> | undefined,
    limits?: () => Pick<LimitsStatus, 'pressure'> | undefined
  ) {
    this.#store = store
    this.#limits = limits
    this.#hasResponded = store === undefined
  }

  /** Undefined when the server is ready. A store that is lost later does not count: cached values are served. */
  get unready(): Unready | undefined {
    if (this.isDraining) return 'draining'
    this.#hasResponded ||= this.#store?.connected === true
    if (!this.#hasResponded) return 'the store has not responded yet'
    const { level, cause = 'limits' } = this.#limits?.()?.pressure ?? {}
    return level === 'overloaded' ? `overloaded: ${cause}` : undefined
  }
}
