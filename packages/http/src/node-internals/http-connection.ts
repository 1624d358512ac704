import type { Socket } from 'node:net'

/** What reads the requests of a connection. */
interface Parser {
  onIncoming: () => number
  resume(): void
}

type HttpSocket = Socket & { parser?: Parser | null }

/**
 * Whether Node reads requests of HTTP/1 from a connection: not of HTTP/2, nor once CONNECT or an upgrade has taken it.
 *
 * `parser`: nothing documented tells the protocol of a connection to a listener for `connection`.
 */
export function readsRequests(socket: HttpSocket): boolean {
  return socket.parser != null
}

/**
 * Stops reading requests of a connection until {@link releaseRequests}; Node resumes it by `socket.resume()` whenever it has sent
 * something, so this has to be called at each `resume`. What was read is parsed to its end. Does nothing to other protocols.
 *
 * `_paused`: with it Node's server reads no request on. HTTP/2 limits its streams by SETTINGS.
 */
export function holdRequests(socket: HttpSocket): void {
  if (!readsRequests(socket)) return
  Object.assign(socket, { _paused: true })
  socket.pause()
}

/**
 * Reads on after {@link holdRequests}. `parser.resume`: Node pauses the parser as well where a connection is held while bytes of a
 * body are parsed, and a paused one takes the next bytes for an error.
 */
export function releaseRequests(socket: HttpSocket): void {
  const { parser } = socket
  if (parser == null) return
  Object.assign(socket, { _paused: false })
  parser.resume()
  socket.resume()
}

/**
 * Has Node forget each request that it still parses of a connection, which is about to be destroyed.
 *
 * `parser.onIncoming`: what was read by then is parsed to its end, and Node would keep each request of it until the loop comes
 * to `close`. HTTP/2 has no such parser.
 */
export function dropRequests({ parser }: HttpSocket): void {
  if (parser) parser.onIncoming = () => 0
}
