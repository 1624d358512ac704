import type { Server } from 'node:net'
import { connectionEvents } from '@reliw/http'
import type { Publisher } from '@reliw/options'
import { catalog } from './catalog.ts'
import type { Collector } from './collector.ts'
import { Counts } from './counts.ts'
import { Subscriptions } from './events/subscriptions.ts'
import { type Family, single } from './family.ts'

/** Counts client connections of all servers that it watches. */
export class Connections implements Collector {
  open = 0
  #accepted = 0
  readonly #refused = new Counts(catalog.Requests.refused)
  readonly #subscriptions: Subscriptions

  constructor(publisher: Publisher) {
    this.#subscriptions = new Subscriptions(publisher)
    this.#subscriptions.on(connectionEvents.refused, ({ reason }) => this.#refused.add([reason]))
  }

  /** Must be called before the server listens. */
  watch(server: Server): void {
    server.on('connection', (socket) => {
      this.open++
      this.#accepted++
      socket.once('close', () => this.open--)
    })
  }

  collect(): Family[] {
    const { connections, accepted } = catalog.Requests
    return [single(connections, this.open), single(accepted, this.#accepted), this.#refused.family]
  }

  close(): void {
    this.#subscriptions.close()
  }
}
