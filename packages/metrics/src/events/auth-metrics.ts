import { catalog } from '../catalog.ts'
import type { Collector } from '../collector.ts'
import { Counts } from '../counts.ts'
import type { Family } from '../family.ts'
import type { Hosts } from '../requests/hosts.ts'
import { Subscriptions } from './subscriptions.ts'

interface AuthEvent {
  host: string
  way: string
}

/** Who logs in, fails to, and out again. */
export class AuthMetrics implements Collector {
  readonly #subscriptions = new Subscriptions()
  readonly #logins = new Counts(catalog.Auth.logins)
  readonly #failures = new Counts(catalog.Auth.failures)
  readonly #logouts = new Counts(catalog.Auth.logouts)

  constructor(hosts: Hosts) {
    this.#subscriptions.on('reliw.auth.login', ({ host, way }: AuthEvent) =>
      this.#logins.add([hosts.nameOf(host), way])
    )
    this.#subscriptions.on('reliw.auth.failure', ({ host, way }: AuthEvent) =>
      this.#failures.add([hosts.nameOf(host), way])
    )
    this.#subscriptions.on('reliw.auth.logout', ({ host }: AuthEvent) =>
      this.#logouts.add([hosts.nameOf(host)])
    )
  }

  collect(): Family[] {
    return [this.#logins.family, this.#failures.family, this.#logouts.family]
  }

  close(): void {
    this.#subscriptions.close()
  }
}
