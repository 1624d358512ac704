import { authEvents } from '@reliw/http'
import type { Publisher } from '@reliw/options'
import { catalog } from '../catalog.ts'
import type { Collector } from '../collector.ts'
import { Counts } from '../counts.ts'
import type { Family } from '../family.ts'
import type { Hosts } from '../requests/hosts.ts'
import { Subscriptions } from './subscriptions.ts'

/** Counts logins, failed logins and logouts. */
export class AuthMetrics implements Collector {
  readonly #subscriptions: Subscriptions
  readonly #logins = new Counts(catalog.Auth.logins)
  readonly #failures = new Counts(catalog.Auth.failures)
  readonly #logouts = new Counts(catalog.Auth.logouts)

  constructor(publisher: Publisher, hosts: Hosts) {
    this.#subscriptions = new Subscriptions(publisher)
    this.#subscriptions.on(authEvents.login, ({ site, way }) =>
      this.#logins.add([hosts.nameOf(site), way])
    )
    this.#subscriptions.on(authEvents.failure, ({ site, way }) =>
      this.#failures.add([hosts.nameOf(site), way])
    )
    this.#subscriptions.on(authEvents.logout, ({ site }) => this.#logouts.add([hosts.nameOf(site)]))
  }

  collect(): Family[] {
    return [this.#logins.family, this.#failures.family, this.#logouts.family]
  }

  close(): void {
    this.#subscriptions.close()
  }
}
