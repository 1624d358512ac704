import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { currentResponse } from '@reliw/http'
import { guarded } from '@reliw/options'
import { resetSocket } from './reset-socket.ts'

/**
 * Breaks the connections of clients that do not read their answers: bytes wait to be sent, and for
 * `timeout` the network has taken none of them, nor has any come from the client. Whoever makes the
 * answer sees its response close.
 *
 * A response that nothing is waiting of, since it is still being thought about, has time;
 * connections without a request are closed after `keepAliveTimeout`, as without this; upgraded ones
 * are not ours.
 *
 * To be called before the server listens. It sets `server.timeout`, so Fastify's
 * `connectionTimeout` has no effect beside it.
 *
 * @param timeout in milliseconds. Default 30,000; 0: never. A kernel takes more only when about a
 * third of its buffer is free again, which may be a megabyte for a client that was fast once
 * @param onCut told of the response that is broken off
 */
export function cutSlowReaders(
  server: Server,
  timeout = 30_000,
  onCut?: (response: ServerResponse) => void
): void {
  if (timeout === 0) return
  server.timeout = timeout
  // Node's timer of a socket: it starts anew with all that is read or written, parts of a write
  // included.
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
