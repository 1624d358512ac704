import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

/**
 * Ends a connection by a reset, so that the kernel too forgets what it has still to send, and
 * nobody takes what came for the whole. TLS, and what is not TCP, can only be closed.
 */
export function resetSocket(socket: Socket): void {
  const isTcp = socket.remoteFamily !== undefined && !(socket instanceof TLSSocket)
  if (isTcp) socket.resetAndDestroy()
  else socket.destroy()
}
