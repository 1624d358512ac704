import type { Server, Socket } from 'node:net'
import { guarded, clientBlock } from '@reliw/options'
import { sourceAddress, sourceOf } from '@reliw/http'
import { resetSocket } from './reset-socket.ts'

/** Counts of a server's connection limit. */
export interface ConnectionLimit {
  /** Number of connections refused so far. */
  readonly dropped: number
  /** Number of clients with open connections, exempt clients not included. */
  readonly clients: number
}

/**
 * Resets new connections of clients that already have `max` open. A client is an IPv4 address or an IPv6 /64;
 * IPv4-mapped addresses count as IPv4. A connection with a PROXY header is one of the client that it names. Connections
 * to a Unix socket are not counted otherwise. Each process counts separately.
 *
 * @param server of any protocol; TLS connections count before their handshake
 * @param isExempt whether connections from an address, such as a proxy's, are not counted
 */
export function limitConnections(
  server: Server,
  max: number,
  isExempt: (ip: string) => boolean
): ConnectionLimit {
  const counter = new ConnectionCounter(max)
  const count = (socket: Socket): void => {
    // A Unix socket has no address, nor has a connection that has already closed.
    if (socket.remoteAddress === undefined && sourceOf(socket) === undefined) return
    const ip = sourceAddress(socket)
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
