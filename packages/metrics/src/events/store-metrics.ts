import { type Store, storeEvents } from '@reliw/model'
import { catalog } from '../catalog.ts'
import type { Collector } from '../collector.ts'
import { Counts } from '../counts.ts'
import { type Family, single } from '../family.ts'
import { Histograms } from '../histogram.ts'
import { Subscriptions } from './subscriptions.ts'

const { Store: store } = catalog

/** Metrics of the live store: its cache, its calls, and invalid values. */
export class StoreMetrics implements Collector {
  readonly #store: Store
  readonly #subscriptions: Subscriptions
  readonly #operations = new Histograms(store.operations)
  readonly #failures = new Counts(store.operationFailures)
  readonly #rejected = new Counts(store.rejected)

  constructor(of: Store) {
    this.#store = of
    this.#subscriptions = new Subscriptions(of.publisher)
    this.#subscriptions.on(storeEvents.operation, ({ operation, ms, failed }) => {
      this.#operations.observe([operation], ms / 1000)
      if (failed) this.#failures.add([operation])
    })
    this.#subscriptions.on(storeEvents.rejected, ({ family }) => this.#rejected.add([family]))
  }

  collect(): Family[] {
    const { statistics, counters } = this.#store
    return [
      single(store.bytes, statistics.bytes),
      single(store.values, statistics.nodes),
      single(store.hits, statistics.hits),
      single(store.misses, statistics.misses),
      single(store.invalidations, statistics.invalidations),
      single(store.evictions, statistics.evictions),
      single(store.stale, statistics.staleServed),
      single(store.dropped, counters.dropped),
      this.#operations.family,
      this.#failures.family,
      this.#rejected.family
    ]
  }

  close(): void {
    this.#subscriptions.close()
  }
}
