import type { Socket } from 'node:net'

/** How long a client may take to read the last response and close the connection, in milliseconds. */
const LINGER = 2000

/**
 * Sends the last bytes of a connection, if any, and closes it two seconds later: closing with unread data resets the
 * connection, which may lose the response (RFC 9112 9.6).
 */
export function endSoon(socket: Socket, bytes?: string): void {
  if (bytes === undefined) socket.end()
  else socket.end(bytes)
  setTimeout(() => socket.destroy(), LINGER).unref()
}

/**
 * Makes a connection end after its last response as by {@link endSoon}, even if the client keeps sending.
 *
 * `destroySoon` is replaced: Node calls it after the last response, and no option delays it. Not needed for HTTP/2,
 * whose streams end on their own.
 */
export function endSoonAfterLast(socket: Socket): void {
  socket.destroySoon = () => endSoon(socket)
}
