import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { currentResponse } from '@reliw/http'
import { guarded } from '@reliw/options'
import { resetSocket } from './reset-socket.ts'

/**
 * Resets the connections of clients that do not read their responses: data is waiting to be sent, and for `timeout` the
 * network has accepted none of it and the client has sent nothing. The response emits `close`.
 *
 * A response without waiting data is still being produced and is left alone. Connections without a request are closed
 * after `keepAliveTimeout`, as usual; upgraded connections are not watched.
 *
 * Call it before the server listens. It sets `server.timeout`, so Fastify's `connectionTimeout` has no effect.
 *
 * @param timeout in milliseconds. Default 30,000; 0: never. A kernel accepts more data only when about a third of its
 * send buffer is free again, which may be a megabyte for a client that was fast before
 * @param onCut called with the response that is cut off
 */
export function cutSlowReaders(
  server: Server,
  timeout = 30_000,
  onCut?: (response: ServerResponse) => void
): void {
  if (timeout === 0) return
  server.timeout = timeout
  // Node restarts a socket's timer with every read and write, partial writes included.
  const cut = (socket: Socket): void => {
    const response = currentResponse(socket)
    if (response === undefined) {
      socket.destroy()
    } else if (socket.writableLength > 0) {
      onCut?.(response)
      resetSocket(socket)
    }
  }
  server.on(
    'timeout',
    guarded(cut, (_error, socket) => void socket.destroy())
  )
}
