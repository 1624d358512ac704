import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

/**
 * Ends a connection with a TCP reset: the kernel discards unsent data, and the client cannot mistake a partial response
 * for a complete one. TLS and non-TCP sockets can only be closed.
 */
export function resetSocket(socket: Socket): void {
  const isTcp = socket.remoteFamily !== undefined && !(socket instanceof TLSSocket)
  if (isTcp) socket.resetAndDestroy()
  else socket.destroy()
}
