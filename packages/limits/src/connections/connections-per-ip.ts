import type { Server, Socket } from 'node:net'
import { guarded, clientBlock } from '@reliw/options'
import { peerAddress } from '@reliw/http'
import { resetSocket } from './reset-socket.ts'

/** What became of the limit on a server. */
export interface ConnectionLimit {
  /** How many connections were refused so far. */
  readonly dropped: number
  /** How many clients have connections now, the exempt ones not counted. */
  readonly clients: number
}

/**
 * Resets connections of clients that have `max` of them already. A client is an IPv4 address, or a
 * /64 of IPv6; IPv4-mapped addresses are IPv4. Connections to a Unix socket are not counted. Each
 * process counts its own.
 *
 * @param server of any protocol; of TLS, connections count before their handshake
 * @param isExempt whether connections from an address are not counted, such as a proxy's
 */
export function limitConnections(
  server: Server,
  max: number,
  isExempt: (ip: string) => boolean
): ConnectionLimit {
  const counter = new ConnectionCounter(max)
  const count = (socket: Socket): void => {
    // One that is gone already has no address either.
    if (socket.remoteAddress === undefined) return
    const ip = peerAddress(socket)
    if (!isExempt(ip)) counter.add(socket, clientBlock(ip) ?? ip)
  }
  server.on(
    'connection',
    guarded(count, (_error, socket) => void socket.destroy())
  )
  return counter
}

class ConnectionCounter implements ConnectionLimit {
  dropped = 0
  readonly #max: number
  readonly #counts = new Map<string, number>()

  constructor(max: number) {
    this.#max = max
  }

  get clients(): number {
    return this.#counts.size
  }

  add(socket: Socket, client: string): void {
    const count = this.#counts.get(client) ?? 0
    if (count >= this.#max) {
      this.dropped += 1
      return resetSocket(socket)
    }
    this.#counts.set(client, count + 1)
    socket.once('close', () => this.#remove(client))
  }

  #remove(client: string): void {
    const count = this.#counts.get(client) ?? 0
    if (count > 1) this.#counts.set(client, count - 1)
    else this.#counts.delete(client)
  }
}
