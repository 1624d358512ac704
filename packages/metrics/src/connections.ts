import type { Server } from 'node:net'
import { catalog } from './catalog.ts'
import type { Collector } from './collector.ts'
import { type Family, single } from './family.ts'

/** Counts client connections of all servers that it watches. */
export class Connections implements Collector {
  open = 0
  #accepted = 0

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
    return [single(connections, this.open), single(accepted, this.#accepted)]
  }
}
