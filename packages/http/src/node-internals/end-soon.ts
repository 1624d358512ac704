import type { Socket } from 'node:net'

/** How long a client may take to read its last answer and leave, in milliseconds. */
const LINGER = 2000

/**
 * Sends the last bytes of a connection, if any, and closes it two seconds later: closing with bytes unread resets the
 * connection, and the answer might be lost (RFC 9112 9.6).
 */
export function endSoon(socket: Socket, bytes?: string): void {
  if (bytes === undefined) socket.end()
  else socket.end(bytes)
  setTimeout(() => socket.destroy(), LINGER).unref()
}

/**
 * Has the connection of a last response end as by {@link endSoon}, also if its client goes on sending.
 *
 * `destroySoon` is replaced: Node calls it after such a response, and no option makes it wait. Not for HTTP/2, whose streams end by
 * themselves.
 */
export function endSoonAfterLast(socket: Socket): void {
  socket.destroySoon = () => endSoon(socket)
}
