import { accessEvents } from '@reliw/http'
import type { Publisher } from '@reliw/options'
import { catalog } from '../catalog.ts'
import type { Collector } from '../collector.ts'
import { Counts } from '../counts.ts'
import type { Family } from '../family.ts'
import type { Hosts } from '../requests/hosts.ts'
import { Subscriptions } from './subscriptions.ts'

/** Counts requests refused because of their client's address, and fetches of lists. */
export class AccessMetrics implements Collector {
  readonly #subscriptions: Subscriptions
  readonly #refused = new Counts(catalog.Access.refused)
  readonly #fetches = new Counts(catalog.Access.fetches)

  constructor(publisher: Publisher, hosts: Hosts) {
    this.#subscriptions = new Subscriptions(publisher)
    this.#subscriptions.on(accessEvents.refused, ({ site, reason }) =>
      this.#refused.add([hosts.nameOf(site), reason])
    )
    this.#subscriptions.on(accessEvents.fetched, ({ list, result }) =>
      this.#fetches.add([list, result])
    )
  }

  collect(): Family[] {
    return [this.#refused.family, this.#fetches.family]
  }

  close(): void {
    this.#subscriptions.close()
  }
}
