import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { noteSource, peerAddress } from '@reliw/http'
import { type AddressSet, guarded } from '@reliw/options'
import { Arrival, type Closed } from './arrival.ts'

/** Emitted by a server with the socket of a connection whose PROXY header has yet to arrive. */
export const ARRIVING = 'arriving'

/** How a server treats the PROXY headers of its connections. */
export interface ProxyHeaderOptions {
  /** Peers that begin their connections with a header. */
  readonly trusted: AddressSet
  /** Whether a connection of these peers without a header is refused. */
  readonly isRequired: boolean
  /** How long a header may take to arrive, in milliseconds. */
  readonly timeout: number
  /** Called for a connection that was refused; not for one without a byte, such as that of a TCP health check. */
  readonly onRefuse: (peer: string, reason: Exclude<Closed, 'silent'>) => void
}

/** Connections whose header has yet to arrive, by server. */
const arriving = new WeakMap<Server, Set<Arrival>>()

/**
 * Reads the PROXY header of connections from trusted peers, and notes their sources, before any other part of the server
 * knows of the connection. Connections of other peers are passed on at once: a header is not valid HTTP.
 *
 * Call it before the server listens.
 */
export function awaitProxyHeaders(server: Server, options: ProxyHeaderOptions): void {
  const { trusted, isRequired, timeout, onRefuse } = options
  const waiting = new Set<Arrival>()
  arriving.set(server, waiting)
  const emit = server.emit.bind(server) as (event: string | symbol, ...args: unknown[]) => boolean
  const hold = guarded(
    (socket: Socket, peer: string): void => {
      const arrival = new Arrival(socket, isRequired, timeout, (result) => {
        waiting.delete(arrival)
        if (result === 'silent') return
        if (typeof result === 'string') return onRefuse(peer, result)
        if (result !== undefined) noteSource(socket, result)
        emit('connection', socket)
      })
      waiting.add(arrival)
      emit(ARRIVING, socket)
    },
    (_error, socket) => void socket.destroy()
  )
  // Listeners of `connection` cannot be made to wait for one another.
  Object.assign(server, {
    emit(event: string | symbol, ...args: unknown[]): boolean {
      if (event !== 'connection') return emit(event, ...args)
      const socket = args[0] as Socket
      const peer = peerAddress(socket)
      if (trusted.has(peer)) hold(socket, peer)
      // The peer has already disconnected, as a proxy does after a health check: its header would be taken for a request.
      else if (peer === '') socket.destroy()
      else return emit(event, ...args)
      return true
    }
  })
}

/** Closes the connections of a server on which no header has arrived yet. */
export function closeArriving(server: Server): void {
  for (const arrival of arriving.get(server) ?? []) arrival.close()
}
